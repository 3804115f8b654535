// Builds the answer, a file of tests, together with what it tests and a main program of our own: ./main.
//
//	build-tests ANSWER
//
// main reads a token from its standard input before any code of the answer runs, and writes, after the last test, one line
// to its standard output: token, tests, tests passed, statements, statements covered. What the tests themselves print goes
// to standard error. The counters of the files under test, and the package that keeps the token, have names that no answer
// can know.
package main

import (
	"crypto/rand"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
)

const tools = "/opt/language/"

// Every package that holds code of the answer imports it, so that it is initialised before them.
const firstFile = `package %s

import (
	"io"
	"os"
)

var Report = os.Stdout
var Token = read()

func read() string {
	os.Stdout = os.Stderr
	token, _ := io.ReadAll(os.Stdin)
	return string(token)
}
`

const mainFile = `package main

import (
	first %q
	"fmt"
	"sync/atomic"
	"testing"
	"testing/internal/testdeps"
%s)

var done, passed, skipped int64

func watched[T testing.TB](test func(T)) func(T) {
	return func(t T) {
		dead := true // it panics: the tests do not run to their end
		t.Cleanup(func() { // registered first, so it runs last: after parallel subtests, too
			if dead {
				return
			}
			if t.Skipped() && !t.Failed() {
				atomic.AddInt64(&skipped, 1)
			} else if !t.Failed() {
				atomic.AddInt64(&passed, 1)
			}
			if atomic.AddInt64(&done, 1) == total {
				report()
			}
		})
		ended := false
		defer func() {
			if reason := recover(); reason != nil {
				panic(reason)
			}
			dead = !ended && !t.Failed() && !t.Skipped()
		}()
		test(t)
		ended = true
	}
}

const total = %d

func report() {
	statements, covered := 0, 0
%s	fmt.Fprintf(first.Report, "\n%%s %%d %%d %%d %%d\n", first.Token, total-skipped, passed, statements, covered)
}

func main() {
	m := testing.MainStart(testdeps.TestDeps{}, []testing.InternalTest{
%s	}, nil, []testing.InternalFuzzTarget{
%s	}, nil)
%s	if total == 0 {
		report()
	}
}
`

func check(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(name string, arguments ...string) {
	command := exec.Command(tools+name, arguments...)
	command.Stdout, command.Stderr = os.Stderr, os.Stderr
	check(command.Run())
}

func compile(path, output string, files []string) {
	run("compile", append([]string{"-p", path, "-pack", "-importcfg", "importcfg", "-o", output}, files...)...)
}

func main() {
	answer := os.Args[1]
	secret := make([]byte, 16)
	_, err := rand.Read(secret)
	check(err)
	word := fmt.Sprintf("first%x", secret)
	folder := filepath.Dir(answer)
	module, err := os.ReadFile("go.mod")
	check(err)
	path := string(regexp.MustCompile(`(?m)^module\s+(\S+)`).FindSubmatch(module)[1])
	if folder != "." {
		path += "/" + filepath.ToSlash(folder)
	}
	sources, err := filepath.Glob(filepath.Join(folder, "*.go"))
	check(err)
	set, own, counts, files := token.NewFileSet(), "", "", []string{}
	for number, source := range sources {
		if strings.HasSuffix(source, "_test.go") {
			continue
		}
		parsed, err := parser.ParseFile(set, source, nil, 0)
		check(err)
		own = parsed.Name.Name
		counter := fmt.Sprintf("GoCover_%s_%d", word, number)
		run("cover", "-mode=set", "-var="+counter, "-o", source+".covered.go", source)
		files = append(files, source+".covered.go")
		counts += fmt.Sprintf("\tfor i, n := range own.%s.NumStmt {\n\t\tstatements += int(n)\n\t\tif own.%s.Count[i] != 0 {\n\t\t\tcovered += int(n)\n\t\t}\n\t}\n", counter, counter)
	}
	tests, err := parser.ParseFile(set, answer, nil, parser.ParseComments)
	check(err)
	config, err := os.ReadFile(tools + "importcfg")
	check(err)
	add := func(line string) {
		config = append(config, (line + "\n")...)
		check(os.WriteFile("importcfg", config, 0600))
	}
	add("")
	firstImport := func(name string) string {
		file := "first_" + name + ".go"
		check(os.WriteFile(file, []byte(fmt.Sprintf("package %s\n\nimport _ %q\n", name, word)), 0600))
		return file
	}
	check(os.WriteFile("first.go", []byte(fmt.Sprintf(firstFile, word)), 0600))
	compile(word, "first.a", []string{"first.go"})
	add("packagefile " + word + "=first.a")
	add("packagefile " + path + "=own.a")
	imports, place := fmt.Sprintf("\town %q\n", path), "own"
	switch tests.Name.Name {
	case own:
		compile(path, "own.a", append([]string{firstImport(own), answer}, files...))
	case own + "_test":
		compile(path, "own.a", files)
		add("packagefile " + path + "_test=outer.a")
		compile(path+"_test", "outer.a", []string{firstImport(own + "_test"), answer})
		imports, place = imports+fmt.Sprintf("\touter %q\n", path+"_test"), "outer"
	default:
		check(fmt.Errorf("%s: package %s; expected package %s", answer, tests.Name.Name, own))
	}
	list, fuzz, total, runs := "", "", 0, "\tm.Run()\n"
	for _, declared := range tests.Decls {
		function, ok := declared.(*ast.FuncDecl)
		if !ok || function.Recv != nil || function.Type.Params.NumFields() != 1 {
			continue
		}
		name := function.Name.Name
		if name == "TestMain" {
			runs = "\t" + place + ".TestMain(m)\n"
		} else if regexp.MustCompile(`^Test([^a-z].*)?$`).MatchString(name) {
			list += fmt.Sprintf("\t\t{Name: %q, F: watched(%s.%s)},\n", name, place, name)
			total++
		} else if regexp.MustCompile(`^Fuzz([^a-z].*)?$`).MatchString(name) {
			fuzz += fmt.Sprintf("\t\t{Name: %q, Fn: watched(%s.%s)},\n", name, place, name)
			total++
		}
	}
	check(os.WriteFile("main.go", []byte(fmt.Sprintf(mainFile, word, imports, total, counts, list, fuzz, runs)), 0600))
	compile("main", "main.a", []string{"main.go"})
	run("link", "-importcfg", "importcfg", "-s", "-w", "-o", "main", "main.a")
	for _, name := range append(files, "first.go", "first.a", "main.go", "main.a", "own.a") {
		check(os.Remove(name))
	}
}
