package processes_test

import (
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/reflection/grpc_reflection_v1"
	"sigs.k8s.io/yaml"

	clusterv1 "github.com/skep-dev/skep/proto/gen/go/skep/cluster/v1"
	typev1 "github.com/skep-dev/skep/proto/gen/go/skep/type/v1"

	awssim "github.com/skep-dev/skep/libs/sim/aws"
	"github.com/skep-dev/skep/test/program"
)

const (
	clusters      = "/v1/organizations/demo/clusters"
	clusterName   = "organizations/demo/clusters/quickstart"
	clusterPath   = "/v1/" + clusterName
	watchClusters = clusters + ":watch"

	// account is the number of the AWS account of the clusters.
	account = "111122223333"
	// timeScale is the factor by which simulated AWS is faster than AWS.
	timeScale = 60
)

// singleProcess is the whole suite in one process.
type singleProcess struct {
	*program.Process
	restClient
	grpc, dir string
}

// up runs `skep up` on a data directory and free ports, and returns when it serves requests.
func up(t *testing.T, dir string) *singleProcess {
	t.Helper()
	ctx := withTimeout(t, timeout)
	p := start(ctx, t, nil, "skep", "up", "--time-scale=60", "--data-dir="+dir, "--listen-rest=127.0.0.1:0", "--listen-grpc=127.0.0.1:0")
	w := &singleProcess{Process: p, dir: dir}
	w.ctx = ctx
	w.url = p.Await(t, `REST\s+(http://[^/\s]+)/v1`)
	w.grpc = p.Await(t, `gRPC\s+(\S+)`)
	w.token = readToken(t, p.Await(t, `token\s+(\S+)`))
	return w
}

func readToken(t *testing.T, path string) string {
	t.Helper()
	token, err := os.ReadFile(path)
	require.NoError(t, err)
	return strings.TrimSpace(string(token))
}

// quickstart returns the document of examples/quickstart.yaml as JSON.
func quickstart(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile("../../examples/quickstart.yaml")
	require.NoError(t, err)
	document, err := yaml.YAMLToJSON(text)
	require.NoError(t, err)
	return string(document)
}

// countResources returns the number of resources of the cluster in a state.
func countResources(c *clusterv1.Cluster, state typev1.InventoryItem_State) int {
	count := 0
	for _, item := range c.GetStatus().GetResources() {
		if item.GetState() == state {
			count++
		}
	}
	return count
}

func TestAKilledSuiteContinuesAfterItsRestart(t *testing.T) {
	t.Parallel()
	w := up(t, t.TempDir())
	before := awsOf(t, w)
	must(t, w.restClient, http.MethodPost, clusters+"?cluster_id=quickstart", quickstart(t), new(clusterv1.Cluster))
	until(t, w.restClient, watchClusters, events, func(m *clusterv1.WatchClustersResponse) bool {
		return countResources(m.GetCluster(), typev1.InventoryItem_READY) > 0 && countResources(m.GetCluster(), typev1.InventoryItem_PENDING) > 0
	})
	w.Kill()
	require.NotEqual(t, before.String(), awsOf(t, w).String(), "the kill came before the first create")

	w = up(t, w.dir)
	ready := until(t, w.restClient, watchClusters, lines, func(m *clusterv1.WatchClustersResponse) bool {
		return m.GetCluster().GetStatus().GetState() == typev1.State_READY
	}).GetCluster()
	existsOnce(t, ready, awsOf(t, w))

	must(t, w.restClient, http.MethodDelete, clusterPath, "", new(clusterv1.Cluster))
	until(t, w.restClient, watchClusters, events, func(m *clusterv1.WatchClustersResponse) bool {
		return len(m.GetCluster().GetStatus().GetResources()) < len(ready.GetStatus().GetResources()) && countResources(m.GetCluster(), typev1.InventoryItem_DELETING) > 0
	})
	w.Kill()
	require.NotEqual(t, before.String(), awsOf(t, w).String(), "the kill came after the last delete")

	w = up(t, w.dir)
	until(t, w.restClient, watchClusters, lines, func(m *clusterv1.WatchClustersResponse) bool {
		return m.GetDeleted() && m.GetCluster().GetName() == clusterName
	})
	status, text := w.call(t, http.MethodGet, clusterPath, "")
	require.Equal(t, http.StatusNotFound, status, text)
	require.Equal(t, before.String(), awsOf(t, w).String())
}

// awsOf returns a copy of the simulated AWS of a suite from its journal.
func awsOf(t *testing.T, w *singleProcess) *awssim.Simulation {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(w.dir, "aws.journal"))
	require.NoError(t, err)
	copied := filepath.Join(t.TempDir(), "aws.journal")
	require.NoError(t, os.WriteFile(copied, text, 0o600))
	simulated, err := awssim.New(awssim.Options{Scale: timeScale, Journal: copied})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, simulated.Close()) })
	return simulated
}

// existsOnce requires that the status lists every resource in AWS once, and that no resource
// was ever created twice.
func existsOnce(t *testing.T, c *clusterv1.Cluster, aws *awssim.Simulation) {
	t.Helper()
	listed, ids := make(map[string]bool), make(map[string]bool)
	for _, item := range c.GetStatus().GetResources() {
		require.Equal(t, typev1.InventoryItem_READY, item.GetState(), item.GetName())
		require.False(t, listed[item.GetName()], "%s is listed twice", item.GetName())
		listed[item.GetName()], ids[item.GetId()] = true, true
	}
	created, found := make(map[string]int), make(map[string]bool)
	for _, entry := range aws.Ledger() {
		resource := entry.Tags["skep.dev/resource"]
		if entry.Account != account || resource == "" || createdByAWS(resource) {
			continue
		}
		created[entry.Kind+" "+resource]++
		require.Equal(t, 1, created[entry.Kind+" "+resource], "%s %s was created twice", entry.Kind, resource)
		found[entry.ID] = true
		require.True(t, ids[entry.ID] || partOfAnother[entry.Kind], "%s %s %s is in AWS and not in the status", entry.Kind, entry.ID, resource)
	}
	for _, id := range []string{"vpc-", "subnet-", "nat-", "eipalloc-", "rtb-", "igw-", "sg-", "i-", "eni-", "lt-"} {
		count := 0
		for listed := range ids {
			// The id of an attachment consists of the ids of both resources.
			if strings.HasPrefix(listed, id) && !strings.Contains(listed, "/") {
				require.True(t, found[listed], "%s is in the status and not in AWS", listed)
				count++
			}
		}
		require.NotZero(t, count, "there is no id with the prefix %s", id)
	}
}

// partOfAnother are the resource types that the status lists under another resource: a
// listener under its load balancer, a root volume under its instance.
var partOfAnother = map[string]bool{"Listener": true, "Volume": true}

// createdByAWS reports whether a resource belongs to a node of a pool: an auto scaling group
// creates any number of them.
func createdByAWS(resource string) bool {
	return strings.HasPrefix(resource, "nodePools/") && (strings.HasSuffix(resource, "/node") || strings.HasSuffix(resource, "/root-volume"))
}

func TestAnUnauthenticatedCallGetsAnErrorWithARemedy(t *testing.T) {
	t.Parallel()
	w := up(t, filepath.Join(t.TempDir(), "data"))
	info, err := os.Stat(filepath.Join(w.dir, "admin.token"))
	require.NoError(t, err)
	require.Equal(t, os.FileMode(0o600), info.Mode().Perm())

	for _, token := range []string{"", "guessed"} {
		status, text := restClient{url: w.url, token: token}.call(t, http.MethodGet, clusters, "")
		require.Equal(t, http.StatusUnauthorized, status, text)
		require.NotEmpty(t, refused(t, text).Message)
		require.NotEmpty(t, refused(t, text).Remedy)
	}
	for path, content := range map[string]string{"/healthz": "ok", "/openapi.json": `"swagger"`, "/docs/": "<html"} {
		status, text := restClient{url: w.url}.call(t, http.MethodGet, path, "")
		require.Equal(t, http.StatusOK, status, path)
		require.Contains(t, text, content, path)
	}

	conn, err := grpc.NewClient(w.grpc, grpc.WithTransportCredentials(insecure.NewCredentials()))
	require.NoError(t, err)
	defer func() { _ = conn.Close() }()
	health, err := grpc_health_v1.NewHealthClient(conn).Check(t.Context(), &grpc_health_v1.HealthCheckRequest{})
	require.NoError(t, err)
	require.Equal(t, grpc_health_v1.HealthCheckResponse_SERVING, health.GetStatus())
	reflection, err := grpc_reflection_v1.NewServerReflectionClient(conn).ServerReflectionInfo(t.Context())
	require.NoError(t, err)
	require.NoError(t, reflection.Send(&grpc_reflection_v1.ServerReflectionRequest{MessageRequest: &grpc_reflection_v1.ServerReflectionRequest_ListServices{}}))
	services, err := reflection.Recv()
	require.NoError(t, err)
	require.Contains(t, services.String(), "skep.cluster.v1.ClusterService")
	require.NoError(t, reflection.CloseSend())
	_, err = clusterv1.NewClusterServiceClient(conn).ListClusters(t.Context(), &clusterv1.ListClustersRequest{Parent: "organizations/demo"})
	require.ErrorContains(t, err, "Unauthenticated")
}

func TestAnErrorListsAllInvalidFields(t *testing.T) {
	t.Parallel()
	w := up(t, t.TempDir())
	status, text := w.call(t, http.MethodPost, clusters+"?cluster_id=wrong", `{"spec": {
		"account": "organizations/demo/accounts/main", "region": "the moon", "kubernetesVersion": "latest",
		"network": {"managed": {"cidr": "10.0.0.0/8", "zones": 9}},
		"controlPlane": {"selfManaged": {"replicas": 2, "instanceType": "m6i.large"}},
		"nodePools": {"workers": {"instanceTypes": ["m6i.xlarge"], "minSize": 6, "maxSize": 3}},
		"ingress": {"loadBalancer": "NETWORK", "domain": "demo.example.test"}}}`)
	require.Equal(t, http.StatusBadRequest, status, text)
	var paths []string
	for _, field := range refused(t, text).Fields {
		paths = append(paths, field.Field)
		require.NotEmpty(t, field.Message)
	}
	require.ElementsMatch(t, []string{
		"spec.region", "spec.kubernetesVersion", "spec.network.managed.cidr", "spec.network.managed.zones",
		"spec.controlPlane.selfManaged.replicas", `spec.nodePools["workers"]`,
	}, paths, text)
	list := must(t, w.restClient, http.MethodGet, clusters, "", new(clusterv1.ListClustersResponse))
	require.Empty(t, list.GetClusters(), "the refused request created a cluster")
}

// apiError is the body of an error.
type apiError struct {
	Code, Message, Remedy string
	Fields                []struct{ Field, Message string }
}

func refused(t *testing.T, text string) apiError {
	t.Helper()
	var body struct{ Error apiError }
	require.NoError(t, json.Unmarshal([]byte(text), &body), text)
	return body.Error
}
