package document_test

import (
	"os"
	"testing"

	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"

	"github.com/skep-dev/skep/cli/internal/document"
	"github.com/skep-dev/skep/libs/platform/fault"
)

// FuzzADocumentIsRefusedOrRead checks that a document is either refused with a remedy, or
// that reading its JSON again returns an equal document.
func FuzzADocumentIsRefusedOrRead(f *testing.F) {
	quickstart, err := os.ReadFile("../../../examples/quickstart.yaml")
	require.NoError(f, err)
	for _, seed := range []string{
		string(quickstart), "", "null", "[]", "spec:", "spec: {}", "labels: {a: b}", "labels: {a: b, a: c}", "{spec: {region: eu-central-1}}",
		"spec: {network: {managed: {zones: 1e99}}}", "spec: {nodePools: {a: {minSize: -1}}}", "spec: &a {b: *a}", "\xff\xfe", "spec: !!binary x",
		"a: &a [x, x]\nb: &b [*a, *a]\nspec: [*b, *b]", "{\"spec\": {\"account\": \"\\ud800\"}}", "spec: {ingress: {loadBalancer: 1}}",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		read, err := document.Parse(text)
		if err != nil {
			require.True(t, fault.Is(err, fault.Invalid), "%v", err)
			require.NotEmpty(t, fault.Of(err).Remedy)
			return
		}
		require.NotEmpty(t, read.Mask.GetPaths())
		written, err := protojson.Marshal(read.Cluster)
		require.NoError(t, err)
		if string(written) == "{}" {
			return // The JSON of an empty document is refused.
		}
		again, err := document.Parse(written)
		require.NoError(t, err, "%s", written)
		require.True(t, proto.Equal(read.Cluster, again.Cluster), "%s", written)
	})
}
