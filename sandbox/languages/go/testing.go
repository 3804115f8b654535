// Builds the answer, a file of tests, together with what it tests and a main program of our own: ./main.
//
//	build-tests ANSWER TOKEN-FILE
//
// The files under test are instrumented under a name that no answer can know; main writes, after the last test, one line
// to results.out: token, tests, tests passed, statements, statements covered.
package main

import (
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

const mainFile = `package main

import (
	"fmt"
	"os"
	"sync/atomic"
	"testing"
	"testing/internal/testdeps"
%s)

var done, passed int64

func watched(test func(*testing.T)) func(*testing.T) {
	return func(t *testing.T) {
		ended := false
		defer func() {
			if !ended && !t.Failed() && !t.Skipped() {
				return // it panics: the tests do not run to their end
			}
			if !t.Failed() && !t.Skipped() {
				atomic.AddInt64(&passed, 1)
			}
			if atomic.AddInt64(&done, 1) == total {
				report()
			}
		}()
		test(t)
		ended = true
	}
}

const total = %d

func report() {
	statements, covered := 0, 0
%s	os.WriteFile("results.out", []byte(fmt.Sprintf("%s %%d %%d %%d %%d\n", total, passed, statements, covered)), 0600)
}

func main() {
	m := testing.MainStart(testdeps.TestDeps{}, []testing.InternalTest{
%s	}, nil, nil, nil)
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
	secret, err := os.ReadFile(os.Args[2])
	check(err)
	check(os.Remove(os.Args[2]))
	word := strings.TrimSpace(string(secret))
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
	add("packagefile " + path + "=own.a")
	imports, place := fmt.Sprintf("\town %q\n", path), "own"
	switch tests.Name.Name {
	case own:
		compile(path, "own.a", append(files, answer))
	case own + "_test":
		compile(path, "own.a", files)
		add("packagefile " + path + "_test=outer.a")
		compile(path+"_test", "outer.a", []string{answer})
		imports, place = imports+fmt.Sprintf("\touter %q\n", path+"_test"), "outer"
	default:
		check(fmt.Errorf("%s: package %s; expected package %s", answer, tests.Name.Name, own))
	}
	list, total, runs := "", 0, "\tm.Run()\n"
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
		}
	}
	check(os.WriteFile("main.go", []byte(fmt.Sprintf(mainFile, imports, total, counts, word, list, runs)), 0600))
	compile("main", "main.a", []string{"main.go"})
	run("link", "-importcfg", "importcfg", "-s", "-w", "-o", "main", "main.a")
	for _, name := range append(files, "main.go", "main.a", "own.a") {
		check(os.Remove(name))
	}
}
