package critical

import (
	"go/ast"
	"go/parser"
	"go/token"
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
	files, err := filepath.Glob("../../services/*/internal/*/*.go")
	require.NoError(t, err)
	found := map[string]bool{}
	for _, file := range files {
		// A plan creates resources; the network service only removes leftovers, and never plans them.
		if strings.HasSuffix(file, "_test.go") || strings.Contains(file, "/leftover/") {
			continue
		}
		for _, name := range resourceTypes(t, file) {
			found[name] = true
		}
	}
	require.Greater(t, len(found), 30, "the test has lost sight of the resources")
	for name := range found {
		require.Contains(t, rows, name)
	}
	for name := range rows {
		require.Contains(t, found, name, "a row of no resource type")
	}
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

// resourceTypes returns the first parts of the names that the resources of a file return: the methods Name of types
// that have a method Needs.
func resourceTypes(t *testing.T, file string) (names []string) {
	t.Helper()
	syntax, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
	require.NoError(t, err)
	needs := methods(syntax, "Needs")
	for receiver, name := range methods(syntax, "Name") {
		if needs[receiver] == nil {
			continue
		}
		text := ""
		ast.Inspect(name.Body, func(n ast.Node) bool {
			if literal, ok := n.(*ast.BasicLit); ok && text == "" {
				text, err = strconv.Unquote(literal.Value)
				require.NoError(t, err)
			}
			return true
		})
		resourceType, _, _ := strings.Cut(text, "/")
		require.NotEmpty(t, resourceType, "%s: the name of %s begins with no literal", file, receiver)
		names = append(names, resourceType)
	}
	return names
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
