"""Conformance cases about the conversation with the judge: programs that write, repeat or distort its frames."""

from harness.records import Verdict
from harness.sandboxes.cases import REFUSED, Case

_SUMS = "assert solve(2, 3) == 5\nassert solve(-1, 1) == 0\n"
_AGENT = """
import sys, os, json, struct, threading, time
def agent():
    f=sys._getframe()
    while f:
        s=f.f_locals.get("self")
        if type(s).__name__=="Agent": return s
        f=f.f_back
def frame(*c):
    b=json.dumps(list(c)).encode(); return struct.pack(">I",len(b))+b
def raw(b):
    return struct.pack(">I",len(b))+b
"""

FORGED: tuple[Case, ...] = (
    Case(
        name="reply_twice",
        says="A second reply to the same call is no reply to the next.",
        program=_AGENT
        + ("def solve(a,b):\n    ag=agent()\n    os.write(4,frame(ag._nonce,'return',5))\n    return a+b\n"),
        test=_SUMS,
        accept=REFUSED,
    ),
    Case(
        name="replies_guessed",
        says="Replies written ahead with guessed nonces count for nothing.",
        program=_AGENT
        + ("def solve(a,b):\n    for i in range(50): os.write(4,frame('%016x'%i,'return',5))\n    return -1\n"),
        test=_SUMS,
        accept=REFUSED,
    ),
    Case(
        name="reply_before_load",
        says="A reply that says the program is loaded is no result.",
        program=_AGENT + ("ag=agent()\nfor r in ([ag._nonce,'return',[[],[]]],):\n    os.write(4,frame(*r))\n"),
        test=_SUMS,
        accept=REFUSED,
    ),
    Case(
        name="replies_from_thread",
        says="A thread that answers as soon as it sees the nonce proves nothing.",
        program=_AGENT
        + (
            "ag=agent()\n"
            "def t():\n"
            "    last=None\n"
            "    while True:\n"
            "        n=ag._nonce\n"
            "        if n!=last:\n"
            "            last=n\n"
            "            try: os.write(4,frame(n,'return',True))\n"
            "            except OSError: return\n"
            "threading.Thread(target=t,daemon=True).start()\n"
            "def solve(a,b):\n"
            "    time.sleep(0.05)\n"
            "    return -1\n"
        ),
        test=_SUMS,
        accept=REFUSED,
    ),
    Case(
        name="parent_leaves",
        says="A child that goes on when its parent has left does not save the sample.",
        program=_AGENT + ("def solve(a,b):\n    if os.fork(): os._exit(0)\n    return a+b\n"),
        test=_SUMS,
        accept=REFUSED,
    ),
    Case(
        name="length_of_4_gib",
        says="A frame that announces four gigabytes is refused, not awaited.",
        program=_AGENT + ("def solve(a,b):\n    os.write(4,b'\\xff\\xff\\xff\\xff'); time.sleep(0.2); return 5\n"),
        test=_SUMS,
        accept=REFUSED,
    ),
    Case(
        name="nested_reply",
        says="A reply nested thirty thousand deep is the program's failure.",
        program=_AGENT
        + (
            "def solve(a,b):\n"
            "    n=agent()._nonce\n"
            "    os.write(4,raw(('[\"%s\",\"return\",'%n+'['*30000+']'*30000+']').encode())); time.sleep(0.2)\n"
        ),
        test=_SUMS,
        accept=REFUSED,
    ),
    Case(
        name="two_tags",
        says="A reply with the same key twice is one value or none, never the right one.",
        program=_AGENT
        + (
            "def solve(a,b):\n"
            "    n=agent()._nonce\n"
            '    os.write(4,raw((\'["%s","return",{"tuple":[1],"tuple":5}]\'%n).encode())); time.sleep(0.2)\n'
        ),
        test=_SUMS,
        accept=REFUSED,
    ),
    Case(
        name="no_utf8",
        says="A reply that is no text is the program's failure.",
        program=_AGENT + ("def solve(a,b):\n    os.write(4,raw(b'\\xff\\xfe[')); time.sleep(0.2)\n"),
        test=_SUMS,
        accept=REFUSED,
    ),
    Case(
        name="class_code",
        says="A named tuple whose field is code runs none of it.",
        program=_AGENT
        + (
            "def solve(a,b):\n"
            "    os.write(4,frame(agent()._nonce,'return',{'namedtuple':['x',['a;import os'],[1]]})); time.sleep(0.2)\n"
        ),
        test=_SUMS,
        accept=REFUSED,
    ),
    Case(
        name="stop_iteration",
        says="A StopIteration of the program ends no loop of the test.",
        program=_AGENT + ("def solve(a,b):\n    raise StopIteration\n"),
        test=("for r, e in zip(map(solve,[2,1],[3,1]), [5,2]):\n    assert r == e\n"),
        accept=REFUSED,
    ),
    Case(
        name="plain_enum",
        says="A member of a plain Enum is not its value.",
        program=_AGENT + ("import enum\nclass E(enum.Enum):\n    A=5\ndef solve(a,b):\n    return E.A\n"),
        test="assert solve(2,3)==5\n",
        accept=REFUSED,
    ),
    Case(
        name="colliding_key",
        says="An object as a key equals no key of the test's.",
        program=_AGENT
        + (
            "class A:\n"
            "    def __eq__(s,o): return True\n"
            "    __hash__=lambda s:hash(1)\n"
            "def solve(a,b):\n"
            "    return {A():3}\n"
        ),
        test="assert solve(1,2)[1]==3\n",
        accept=REFUSED,
    ),
    Case(
        name="key_missing",
        says="A dict that makes up what is missing arrives without that.",
        program=_AGENT
        + (
            "class D(dict):\n"
            "    def __missing__(s,k): return 5\n"
            "    def __eq__(s,o): return True\n"
            "    def get(s,k,d=None): return 5\n"
            "def solve(a,b):\n"
            "    return D()\n"
        ),
        test="assert solve(1,2)=={'a':5}\n",
        accept=REFUSED,
    ),
    Case(
        name="killed_by_limit",
        says="A program that has the kernel kill it still gets a verdict.",
        program=_AGENT
        + ("import resource\nresource.setrlimit(resource.RLIMIT_CPU,(1,1))\ndef solve(a,b):\n    while True: pass\n"),
        test=_SUMS,
        accept=(Verdict.TIMEOUT, *REFUSED),
    ),
    Case(
        name="endless_number",
        says="A number with a huge exponent costs the judge nothing.",
        program=_AGENT + ("from decimal import Decimal\ndef solve(a,b):\n    return Decimal('1E+999999999999999')\n"),
        test="assert solve(1,2)==3\n",
        accept=REFUSED,
    ),
)
