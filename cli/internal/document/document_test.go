package document_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	networkv1 "github.com/skep-dev/skep/proto/gen/go/skep/network/v1"

	"github.com/skep-dev/skep/cli/internal/document"
	"github.com/skep-dev/skep/libs/platform/fault"
)

func TestQuickstartIsRead(t *testing.T) {
	t.Parallel()
	c, err := document.Read("../../../examples/quickstart.yaml")
	require.NoError(t, err)
	spec := c.GetSpec()
	require.Equal(t, "1.35", spec.GetKubernetesVersion())
	require.Equal(t, networkv1.ManagedVpc_NAT_PER_ZONE, spec.GetNetwork().GetManaged().GetEgress())
	require.Equal(t, int32(6), spec.GetNodePools()["workers"].GetMaxSize())
	require.Equal(t, map[string]string{"tier": "general"}, spec.GetNodePools()["workers"].GetLabels())
}

func TestMaskListsTheDeclaredFieldsOfAJSONDocument(t *testing.T) {
	t.Parallel()
	d, err := document.Parse([]byte(`{"labels": {}, "uid": "k3x9q2ab", "etag": "7", "status": {"state": "READY"}}`))
	require.NoError(t, err)
	require.Equal(t, []string{"labels"}, d.Mask.GetPaths())
	require.Equal(t, "7", d.Cluster.GetEtag())
	require.Empty(t, d.Cluster.GetUid(), "output-only fields are dropped")
	require.Nil(t, d.Cluster.GetStatus())
}

func TestEveryBadFieldIsReportedWithASuggestion(t *testing.T) {
	t.Parallel()
	_, err := document.Parse([]byte(`
spce: {}
spec:
  region: eu-central-1
  kubernetesVersion: 1.35
  network: {managed: {egress: NAT_PER_CITY, zone: 3}}
  control_plane: {selfManaged: {replicas: 2.5}}
  nodePools:
    workers: {instanceTypes: m6i.large, minSize: three, maxsize: 6}
    "1.35": {instanceTypes: [7]}
  bastion: 2
  colour: green
labels: [gold]
`))
	require.Equal(t, []fault.Field{
		{Path: "labels", Message: `is not a map of names to values: it is ["gold"]`},
		{Path: "spce", Message: "is unknown; did you mean spec?"},
		{Path: "spec.bastion", Message: "is not an object with hosts and vpnCidrs: it is 2"},
		{Path: "spec.colour", Message: "is unknown; the fields are account, region, kubernetesVersion, network, controlPlane, nodePools, ingress, bastion and volumeRetention"},
		{Path: "spec.control_plane", Message: "is unknown; did you mean controlPlane?"},
		{Path: "spec.kubernetesVersion", Message: `is not text: put it in quotes, "1.35": it is 1.35`},
		{Path: "spec.network.managed.egress", Message: `is not one of NAT_PER_ZONE, NAT_SINGLE and NONE: it is "NAT_PER_CITY"`},
		{Path: "spec.network.managed.zone", Message: "is unknown; did you mean zones?"},
		{Path: `spec.nodePools["1.35"].instanceTypes[0]`, Message: `is not text: put it in quotes, "7": it is 7`},
		{Path: "spec.nodePools.workers.instanceTypes", Message: `is not a list: it is "m6i.large"`},
		{Path: "spec.nodePools.workers.maxsize", Message: "is unknown; did you mean maxSize?"},
		{Path: "spec.nodePools.workers.minSize", Message: `is not a whole number: it is "three"`},
	}, fault.Of(err).Fields)
}

func TestInvalidDocumentIsRefused(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ text, want string }{
		"empty":                {"", "document is empty"},
		"a single word":        {"orchid", "document is empty"},
		"a duplicate key":      {"spec: {}\nspec: {}", "already"},
		"not YAML":             {"spec: [", "read document"},
		"an invalid timestamp": {`{spec: {region: eu-central-1}, createTime: yesterday}`, "read document"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := document.Parse([]byte(c.text))
			require.ErrorContains(t, err, c.want)
			require.True(t, fault.Is(err, fault.Invalid))
			require.NotEmpty(t, fault.Of(err).Remedy)
		})
	}
}

func TestDocumentIsReadFromAFileOrTheStandardInput(t *testing.T) {
	t.Parallel()
	d, err := document.Open("-", strings.NewReader("labels: {tier: gold}"))
	require.NoError(t, err)
	require.Equal(t, "gold", d.Cluster.GetLabels()["tier"])
	file := filepath.Join(t.TempDir(), "c.json")
	require.NoError(t, os.WriteFile(file, []byte(`{"labels": {"tier": "silver"}}`), 0o600))
	d, err = document.Open(file, nil)
	require.NoError(t, err)
	require.Equal(t, "silver", d.Cluster.GetLabels()["tier"])
}
