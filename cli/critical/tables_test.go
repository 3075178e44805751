package critical

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	typev1 "github.com/skep-dev/skep/proto/gen/go/skep/type/v1"

	"github.com/skep-dev/skep/libs/aws/latency"
	awssim "github.com/skep-dev/skep/libs/sim/aws"
)

func TestEveryResourceTypeOfEveryServiceHasARow(t *testing.T) {
	t.Parallel()
	found := map[string]bool{}
	for _, r := range resources(t) {
		found[r.resourceType] = true
	}
	require.Greater(t, len(found), 30, "the test does not find the resources")
	for name := range found {
		require.Contains(t, rows, name)
	}
	for name := range rows {
		require.Contains(t, found, name, "a row of no resource type")
	}
}

func TestARowHasTheStatesOfExpectedLatency(t *testing.T) {
	t.Parallel()
	names := latencies(t)
	checked := 0
	for _, r := range resources(t) {
		var states []latency.Name
		for _, constant := range r.waits {
			require.Contains(t, names, constant)
			states = append(states, names[constant])
			checked++
		}
		require.Equal(t, states, rows[r.resourceType].states, r.resourceType)
	}
	require.Greater(t, checked, 5, "the test does not find ExpectedLatency")
}

func TestEveryRowNamesWhatTheSimulatorKnows(t *testing.T) {
	t.Parallel()
	for name, row := range rows {
		require.NotEmpty(t, row.steps(), name)
		require.Positive(t, row.takes(), name)
		for _, call := range row.calls {
			require.Equal(t, latency.Of(latency.Call(call)), awssim.Latency(call), call)
		}
	}
	for name := range across {
		require.Contains(t, rows, name)
	}
}

func TestAResourceTypeWithoutARowPanics(t *testing.T) {
	t.Parallel()
	require.PanicsWithValue(t, `critical: resource type "moat" has no row`, func() {
		Of([]*typev1.PlannedAction{{Resource: "moat/eu-central-1a"}})
	})
}

// resource is a resource as the code of its service declares it.
type resource struct {
	resourceType string
	// waits are the constants of libs/aws/latency in its ExpectedLatency, for the time until it is ready.
	waits []string
}

// resources returns the resources of all services: the types that have the methods Name and Needs.
func resources(t *testing.T) (found []resource) {
	t.Helper()
	for _, root := range []string{"../../services", "../../libs/aws"} {
		require.NoError(t, filepath.WalkDir(root, func(path string, _ fs.DirEntry, err error) error {
			// A plan creates resources; the network service only removes leftovers and never plans them.
			if err == nil && strings.HasSuffix(path, ".go") && !strings.HasSuffix(path, "_test.go") && !strings.Contains(path, "/leftover/") {
				found = append(found, resourcesOf(t, path)...)
			}
			return err
		}))
	}
	return found
}

// resourcesOf returns the resources of one file.
func resourcesOf(t *testing.T, file string) (found []resource) {
	t.Helper()
	syntax := parse(t, file)
	needs, expected := methods(syntax, "Needs"), methods(syntax, "ExpectedLatency")
	for receiver, name := range methods(syntax, "Name") {
		if needs[receiver] == nil {
			continue
		}
		r := resource{resourceType: resourceType(t, name)}
		require.NotEmpty(t, r.resourceType, "%s: the name of %s begins with no literal", file, receiver)
		if latencies := expected[receiver]; latencies != nil {
			r.waits = waits(latencies)
		}
		found = append(found, r)
	}
	return found
}

// resourceType returns the first part of the name that a method Name returns.
func resourceType(t *testing.T, name *ast.FuncDecl) string {
	t.Helper()
	text := ""
	ast.Inspect(name.Body, func(n ast.Node) bool {
		if literal, ok := n.(*ast.BasicLit); ok && text == "" {
			var err error
			text, err = strconv.Unquote(literal.Value)
			require.NoError(t, err)
		}
		return true
	})
	first, _, _ := strings.Cut(text, "/")
	return first
}

// waits returns the constants in the field Ready of the graph.Latency that a method ExpectedLatency returns. It returns
// none for an unobservable resource: AWS shows no state, and Ready is a delay that Skep chooses.
func waits(expected *ast.FuncDecl) (constants []string) {
	unobservable := false
	ast.Inspect(expected.Body, func(n ast.Node) bool {
		field, ok := n.(*ast.KeyValueExpr)
		if !ok {
			return true
		}
		switch key, _ := field.Key.(*ast.Ident); key.Name {
		case "Unobservable":
			unobservable = true
		case "Ready":
			ast.Inspect(field.Value, func(n ast.Node) bool {
				if call, ok := n.(*ast.CallExpr); ok {
					constants = append(constants, call.Args[0].(*ast.SelectorExpr).Sel.Name)
				}
				return true
			})
		}
		return false
	})
	if unobservable {
		return nil
	}
	return constants
}

// latencies returns the names of libs/aws/latency by constant.
func latencies(t *testing.T) map[string]latency.Name {
	t.Helper()
	names := map[string]latency.Name{}
	ast.Inspect(parse(t, "../../libs/aws/latency/latency.go"), func(n ast.Node) bool {
		if constant, ok := n.(*ast.ValueSpec); ok && len(constant.Values) == 1 {
			if literal, ok := constant.Values[0].(*ast.BasicLit); ok {
				text, err := strconv.Unquote(literal.Value)
				require.NoError(t, err)
				names[constant.Names[0].Name] = latency.Name(text)
			}
		}
		return true
	})
	return names
}

func parse(t *testing.T, file string) *ast.File {
	t.Helper()
	syntax, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
	require.NoError(t, err)
	return syntax
}

// methods returns the methods of a file that have the name, by receiver.
func methods(syntax *ast.File, name string) map[string]*ast.FuncDecl {
	found := map[string]*ast.FuncDecl{}
	for _, d := range syntax.Decls {
		f, ok := d.(*ast.FuncDecl)
		if !ok || f.Recv == nil || f.Name.Name != name {
			continue
		}
		if pointer, ok := f.Recv.List[0].Type.(*ast.StarExpr); ok {
			if id, ok := pointer.X.(*ast.Ident); ok {
				found[id.Name] = f
			}
		}
	}
	return found
}
