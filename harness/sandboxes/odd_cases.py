"""Conformance cases about odd programs that are right: what a false fail would look like."""

from harness.sandboxes.cases import PASSED, Case

ODD: tuple[Case, ...] = (
    Case(
        name="function_result",
        says="A function that the program returns can be called, and what that returns too.",
        program=("def solve(a):\n    return lambda b: lambda c: a+b+c\n"),
        test=("f=solve(2)\nassert callable(f)\nassert f(3)(4)==9\nassert f(1)(1)==4\n"),
        accept=(PASSED,),
    ),
    Case(
        name="function_passed_on",
        says="A function of the program's can hold functions of the test's.",
        program=("def solve(*fs):\n    def g(x):\n        for f in fs: x=f(x)\n        return x\n    return g\n"),
        test="assert solve(lambda x:x+1,str)(3)=='4'\n",
        accept=(PASSED,),
    ),
    Case(
        name="object_handed_back",
        says="An object that is no data can go back to the program that made it.",
        program=(
            "class N:\n"
            "    def __init__(s,v,n): s.v=v; s.n=n\n"
            "def make(xs):\n"
            "    h=None\n"
            "    for x in reversed(xs): h=N(x,h)\n"
            "    return h\n"
            "def tolist(h):\n"
            "    r=[]\n"
            "    while h: r.append(h.v); h=h.n\n"
            "    return r\n"
        ),
        test="assert tolist(make([1,2,3]))==[1,2,3]\n",
        accept=(PASSED,),
        functions=("make", "tolist"),
    ),
    Case(
        name="callback_calls_back",
        says="A function of the test's may call the program that calls it.",
        program=("def solve(f,n):\n    return f(n)\n"),
        test=("def f(n): return 1 if n==0 else n*solve(f,n-1)\nassert solve(f,5)==120\n"),
        accept=(PASSED,),
    ),
    Case(
        name="generator_to_callback",
        says="A function of the test's may drain an iterator that the program gives it.",
        program=("def solve(f):\n    return f(x for x in range(5))\n"),
        test=("assert solve(sum)==10\nassert solve(lambda g: list(g))==[0,1,2,3,4]\n"),
        accept=(PASSED,),
    ),
    Case(
        name="patient_generator",
        says="A generator is drawn no further than the test asks.",
        program=("def solve():\n    yield 1\n    yield 2\n    while True: pass\n"),
        test=("g=solve()\nassert [next(g),next(g)]==[1,2]\n"),
        accept=(PASSED,),
    ),
    Case(
        name="late_error",
        says="What a generator yields before it raises is not lost.",
        program=("def solve():\n    yield 1\n    yield 2\n    yield 3\n    raise ValueError('x')\n"),
        test=("out=[]\ntry:\n    for x in solve(): out.append(x)\nexcept ValueError: pass\nassert out==[1,2,3]\n"),
        accept=(PASSED,),
    ),
    Case(
        name="iterator_truth",
        says="An iterator is true, as it is in Python.",
        program=("import re\ndef solve():\n    return re.finditer('a','aa')\n"),
        test="assert solve()",
        accept=(PASSED,),
    ),
    Case(
        name="library_containers",
        says="A ChainMap equals the dict that it stands for.",
        program=("from collections import ChainMap\ndef solve():\n    return ChainMap({'a':1},{'b':2})\n"),
        test=("assert solve()=={'a':1,'b':2}\nassert solve()['a']==1"),
        accept=(PASSED,),
    ),
    Case(
        name="renamed_fields",
        says="A named tuple with renamed fields crosses.",
        program=(
            "from collections import namedtuple\n"
            "P=namedtuple('P','x def',rename=True)\n"
            "\n"
            "def solve():\n"
            "    return P(1,2)\n"
        ),
        test="assert solve()==(1,2)",
        accept=(PASSED,),
    ),
    Case(
        name="own_builtins",
        says="A program may replace builtins for itself.",
        program=("import builtins\nbuiltins.type=lambda *a,**k: 1/0\ndef solve(a, b):\n    return a + b\n"),
        test=(
            "assert solve(2, 3) == 5\n"
            "assert solve(-1, 1) == 0\n"
            "try:\n"
            "    solve('x',1)\n"
            "except TypeError:\n"
            "    pass\n"
            "else:\n"
            "    assert False\n"
        ),
        accept=(PASSED,),
    ),
    Case(
        name="input_patched",
        says="A program may patch the input that it reads.",
        program=(
            "from unittest import mock\n"
            "def solve(a,b):\n"
            "    with mock.patch('builtins.input',return_value=str(a+b)):\n"
            "        return int(input())\n"
        ),
        test=("assert solve(2, 3) == 5\nassert solve(-1, 1) == 0\n"),
        accept=(PASSED,),
    ),
    Case(
        name="deep_thread",
        says="A thread with a large stack may recurse fifty thousand deep.",
        program=(
            "import sys, threading\n"
            "sys.setrecursionlimit(10**6)\n"
            "threading.stack_size(1<<26)\n"
            "def rec(n): return 0 if n==0 else 1+rec(n-1)\n"
            "def solve(a,b):\n"
            "    out=[]\n"
            "    t=threading.Thread(target=lambda: out.append(rec(50000)))\n"
            "    t.start(); t.join()\n"
            "    assert out==[50000]\n"
            "    return a+b\n"
        ),
        test=("assert solve(2, 3) == 5\nassert solve(-1, 1) == 0\n"),
        accept=(PASSED,),
    ),
    Case(
        name="process_pool",
        says="A program may use a pool of processes.",
        program=(
            "from concurrent.futures import ProcessPoolExecutor\n"
            "def f(x): return x*x\n"
            "def solve(a,b):\n"
            "    with ProcessPoolExecutor(2) as p: assert list(p.map(f,range(5)))==[0,1,4,9,16]\n"
            "    return a+b\n"
        ),
        test=("assert solve(2, 3) == 5\nassert solve(-1, 1) == 0\n"),
        accept=(PASSED,),
    ),
    Case(
        name="child_program",
        says="A program may start Python and read what it prints.",
        program=(
            "import subprocess,sys\n"
            "def solve(a,b):\n"
            "    r=subprocess.run([sys.executable,'-c',f'print({a}+{b})'],capture_output=True,text=True,check=True)\n"
            "    return int(r.stdout)\n"
        ),
        test=("assert solve(2, 3) == 5\nassert solve(-1, 1) == 0\n"),
        accept=(PASSED,),
    ),
    Case(
        name="alarm",
        says="An alarm that is still set when the function returns harms nothing.",
        program=(
            "import signal\n"
            "def h(*a): raise TimeoutError\n"
            "signal.signal(signal.SIGALRM,h)\n"
            "def solve(a,b):\n"
            "    signal.alarm(5)\n"
            "    return a+b\n"
        ),
        test=("assert solve(2, 3) == 5\nassert solve(-1, 1) == 0\n"),
        accept=(PASSED,),
    ),
    Case(
        name="timer_between_calls",
        says="A signal handler that runs between calls harms nothing.",
        program=(
            "import signal,time\n"
            "hits=[]\n"
            "signal.signal(signal.SIGALRM,lambda *a: hits.append(1))\n"
            "signal.setitimer(signal.ITIMER_REAL,0.001,0.001)\n"
            "def solve(a, b):\n"
            "    return a + b\n"
        ),
        test=("for i in range(300):\n    assert solve(i,i)==2*i\n"),
        accept=(PASSED,),
    ),
    Case(
        name="bom_and_crlf",
        says="A byte order mark and line ends of Windows are Python.",
        program=("\ufeffdef solve(a, b):\r\n    return a + b\r\n"),
        test=("assert solve(2, 3) == 5\nassert solve(-1, 1) == 0\n"),
        accept=(PASSED,),
    ),
    Case(
        name="broken_stdout",
        says="A program without standard output can be right.",
        program=("import sys\ndel sys.stdout\ndef solve(a, b):\n    return a + b\n"),
        test=("assert solve(2, 3) == 5\nassert solve(-1, 1) == 0\n"),
        accept=(PASSED,),
    ),
    Case(
        name="settings",
        says="Limits that a program sets for its interpreter are its own.",
        program=("import sys\nsys.set_int_max_str_digits(640)\ndef solve(a,b): return a+b+10**700-10**700\n"),
        test=("assert solve(2, 3) == 5\nassert solve(-1, 1) == 0\n"),
        accept=(PASSED,),
    ),
)
