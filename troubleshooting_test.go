package main

import (
	"fmt"
	"go/ast"
	"go/constant"
	"go/parser"
	"go/token"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// docs/troubleshooting.md has a row for each log message, problem code, cause and exit code of the program, and no other.
func TestTroubleshootingIsComplete(t *testing.T) {
	inSource, documented := troublesOf(t), troubleshootingRows(t)
	for _, kind := range []string{"message", "status", "cause", "exit code"} {
		if len(inSource[kind]) < 3 {
			t.Fatalf("found only %d of the kind %q in the source", len(inSource[kind]), kind)
		}
		for text, places := range inSource[kind] {
			if !documented[kind][text] {
				t.Errorf("no row for the %s %q of %v", kind, text, places)
			}
		}
		for text := range documented[kind] {
			if len(inSource[kind][text]) == 0 {
				t.Errorf("the %s %q is not in the source", kind, text)
			}
		}
	}
}

// troubleshootingRows returns the rows of the page by the first word of their table. The first two cells identify a message (with its
// level) and a problem (status and code), the first cell everything else.
func troubleshootingRows(t *testing.T) map[string]map[string]bool {
	t.Helper()
	page, err := os.ReadFile("docs/troubleshooting.md")
	if err != nil {
		t.Fatal(err)
	}
	rows, kind := map[string]map[string]bool{}, ""
	for line := range strings.Lines(string(page)) {
		cells := strings.Split(strings.Trim(line, "|\n "), " | ")
		switch {
		case !strings.HasPrefix(line, "| "):
			kind = ""
		case kind == "":
			kind = cells[0]
			if rows[kind] == nil {
				rows[kind] = map[string]bool{}
			}
		case strings.HasPrefix(line, "| ---"):
		default:
			text := strings.Trim(cells[0], "`")
			if kind == "message" || kind == "status" {
				text += " " + strings.Trim(cells[1], "`")
			}
			if rows[kind][text] {
				t.Errorf("there are two rows for the %s %q", kind, text)
			}
			rows[kind][text] = true
		}
	}
	return rows
}

// A found maps each text of the source to the places where it is.
type found map[string][]string

// troublesOf collects what the program reports: from the syntax of its packages, without those that only tests and the demo use.
func troublesOf(t *testing.T) map[string]found {
	t.Helper()
	imports := map[string][]string{}
	for _, p := range packages(t) {
		imports[p.ImportPath] = p.Imports
	}
	all := map[string]found{"message": {}, "status": {}, "cause": {}, "exit code": {}}
	seen := map[string]bool{"waitboard/simulator": true}
	for queue := []string{"waitboard"}; len(queue) > 0; queue = queue[1:] {
		path := queue[0]
		if seen[path] || imports[path] == nil {
			continue
		}
		seen[path] = true
		queue = append(queue, imports[path]...)
		newPackageSyntax(t, strings.TrimPrefix(strings.TrimPrefix(path, "waitboard"), "/")).collect(all)
	}
	return all
}

// A packageSyntax holds the files of a package, for all systems.
type packageSyntax struct {
	t     *testing.T
	set   *token.FileSet
	files []*ast.File
}

func newPackageSyntax(t *testing.T, folder string) *packageSyntax {
	t.Helper()
	p := &packageSyntax{t: t, set: token.NewFileSet()}
	names, err := filepath.Glob(filepath.Join(folder, "*.go"))
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(p.set, name, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		p.files = append(p.files, file)
	}
	return p
}

func (p *packageSyntax) collect(all map[string]found) {
	add := func(kind, text string, at ast.Node) {
		all[kind][text] = append(all[kind][text], p.set.Position(at.Pos()).String())
	}
	p.walk(func(node ast.Node, within []ast.Node) {
		switch n := node.(type) {
		case *ast.CallExpr:
			on, name := callee(n)
			level := levels[name]
			switch {
			case level != "" && slices.Contains([]string{"log", "Log", "slog"}, on):
				for _, text := range p.texts(n.Args[0], within) {
					add("message", text+" "+level, n)
				}
			case on == "floodlog" && name == "New":
				for _, text := range p.texts(n.Args[2], within) {
					add("message", text+" "+p.floodLevels(), n)
				}
			case name == "NewProblem" && len(n.Args) == 3:
				for _, code := range p.texts(n.Args[1], within) {
					if code != "" {
						add("status", fmt.Sprintf("%d %s", p.status(n.Args[0]), code), n)
					}
				}
			}
		case *ast.KeyValueExpr: // of a failure
			if key, ok := n.Key.(*ast.Ident); ok && key.Name == "cause" {
				if _, ok := n.Value.(*ast.BasicLit); ok {
					add("cause", p.texts(n.Value, within)[0], n)
				}
			}
		case *ast.ValueSpec:
			if kind, ok := n.Type.(*ast.Ident); ok && kind.Name == "Cause" && len(n.Values) == 1 {
				add("cause", p.texts(n.Values[0], within)[0], n)
			}
			if strings.HasPrefix(n.Names[0].Name, "exit") && len(n.Values) == 1 && p.files[0].Name.Name == "cli" {
				add("exit code", n.Values[0].(*ast.BasicLit).Value, n)
			}
		}
	})
}

// floodLevels returns the levels that the package names. A package with a floodlog.Log names only its levels.
func (p *packageSyntax) floodLevels() string {
	var all []string
	p.walk(func(n ast.Node, _ []ast.Node) {
		if s, ok := n.(*ast.SelectorExpr); ok {
			if level := levels[strings.TrimPrefix(s.Sel.Name, "Level")]; level != "" && !slices.Contains(all, level) && strings.HasPrefix(s.Sel.Name, "Level") {
				all = append(all, level)
			}
		}
	})
	slices.Sort(all)
	return strings.Join(all, ", ")
}

var levels = map[string]string{"Debug": "debug", "Info": "info", "Warn": "warn", "Error": "error"}

// callee returns the last two names of what a call calls: the value or package, and the function.
func callee(call *ast.CallExpr) (on, name string) {
	switch f := call.Fun.(type) {
	case *ast.Ident:
		return "", f.Name
	case *ast.SelectorExpr:
		switch x := f.X.(type) {
		case *ast.Ident:
			on = x.Name
		case *ast.SelectorExpr:
			on = x.Sel.Name
		}
		return on, f.Sel.Name
	}
	return "", ""
}

// walk visits all nodes, each with those that it is within, the outermost first.
func (p *packageSyntax) walk(visit func(node ast.Node, within []ast.Node)) {
	for _, file := range p.files {
		var stack []ast.Node
		ast.Inspect(file, func(n ast.Node) bool {
			if n == nil {
				stack = stack[:len(stack)-1]
				return true
			}
			visit(n, stack)
			stack = append(stack, n)
			return true
		})
	}
}

// texts returns the texts that an expression can have: a literal, or a name with all that is assigned to it, or that callers pass for it.
func (p *packageSyntax) texts(e ast.Expr, within []ast.Node) (all []string) {
	p.t.Helper()
	if literal, ok := e.(*ast.BasicLit); ok && literal.Kind == token.STRING {
		return []string{constant.StringVal(constant.MakeFromLiteral(literal.Value, literal.Kind, 0))}
	}
	name, ok := e.(*ast.Ident)
	if !ok {
		p.t.Errorf("%s: the text is not constant", p.set.Position(e.Pos()))
		return nil
	}
	for i, node := range slices.Backward(within) {
		switch at := parameter(node, name.Name); f := node.(type) {
		case *ast.FuncDecl:
			if at >= 0 {
				return p.passed(f.Name.Name, at, func(string, []ast.Node) bool { return true })
			}
		case *ast.FuncLit:
			if set, ok := within[i-1].(*ast.AssignStmt); ok && at >= 0 {
				return p.passed(set.Lhs[0].(*ast.Ident).Name, at, func(on string, callers []ast.Node) bool { return on == "" && callers[1] == within[1] })
			}
		}
	}
	ast.Inspect(within[1], func(n ast.Node) bool { // the declaration at the top
		switch n := n.(type) {
		case *ast.AssignStmt:
			for i, to := range n.Lhs {
				if to, ok := to.(*ast.Ident); ok && to.Name == name.Name && len(n.Rhs) == len(n.Lhs) {
					all = append(all, p.texts(n.Rhs[i], within)...)
				}
			}
		case *ast.ValueSpec:
			for i, to := range n.Names {
				if to.Name == name.Name && len(n.Values) > i {
					all = append(all, p.texts(n.Values[i], within)...)
				}
			}
		}
		return true
	})
	if all == nil {
		p.t.Errorf("%s: nothing constant is assigned to %s", p.set.Position(e.Pos()), name.Name)
	}
	return all
}

// parameter returns the index of a function's parameter; -1: it has no parameter of that name, or the node is no function.
func parameter(node ast.Node, name string) int {
	var params *ast.FieldList
	switch f := node.(type) {
	case *ast.FuncDecl:
		params = f.Type.Params
	case *ast.FuncLit:
		params = f.Type.Params
	default:
		return -1
	}
	at := 0
	for _, field := range params.List {
		for _, each := range field.Names {
			if each.Name == name {
				return at
			}
			at++
		}
	}
	return -1
}

// passed returns the texts that callers pass to a function of that name. counts chooses among calls, by what they are called on.
func (p *packageSyntax) passed(function string, at int, counts func(on string, within []ast.Node) bool) (all []string) {
	p.walk(func(n ast.Node, within []ast.Node) {
		if call, ok := n.(*ast.CallExpr); ok {
			if on, name := callee(call); name == function && counts(on, within) {
				all = append(all, p.texts(call.Args[at], within)...)
			}
		}
	})
	return all
}

// statuses are the statuses by the names that package http gives them.
var statuses = func() map[string]int {
	all := map[string]int{}
	for status := 400; status < 600; status++ {
		all["Status"+strings.NewReplacer(" ", "", "-", "").Replace(http.StatusText(status))] = status
	}
	return all
}()

func (p *packageSyntax) status(e ast.Expr) int {
	selector, ok := e.(*ast.SelectorExpr)
	if !ok || statuses[selector.Sel.Name] == 0 {
		p.t.Errorf("%s: the status is not a constant of package http", p.set.Position(e.Pos()))
		return 0
	}
	return statuses[selector.Sel.Name]
}
