package rest_test

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/otel/trace"

	clusterv1 "github.com/skep-dev/skep/proto/gen/go/skep/cluster/v1"

	"github.com/skep-dev/skep/gateway/internal/rest"
	"github.com/skep-dev/skep/libs/platform/fault"
	"github.com/skep-dev/skep/libs/platform/rpc"
)

// clusters is a cluster service whose answers a test chooses.
type clusters struct {
	clusterv1.UnimplementedClusterServiceServer
	err     error
	created *clusterv1.Cluster
	span    trace.SpanContext
}

func (c *clusters) GetCluster(ctx context.Context, in *clusterv1.GetClusterRequest) (*clusterv1.GetClusterResponse, error) {
	c.span = trace.SpanContextFromContext(ctx)
	return &clusterv1.GetClusterResponse{Cluster: &clusterv1.Cluster{Name: in.GetName()}}, c.err
}

func (c *clusters) CreateCluster(_ context.Context, in *clusterv1.CreateClusterRequest) (*clusterv1.CreateClusterResponse, error) {
	c.created = in.GetCluster()
	return &clusterv1.CreateClusterResponse{Cluster: in.GetCluster()}, c.err
}

func (c *clusters) WatchClusters(_ *clusterv1.WatchClustersRequest, stream clusterv1.ClusterService_WatchClustersServer) error {
	for _, m := range []*clusterv1.WatchClustersResponse{
		{Cluster: &clusterv1.Cluster{Name: "organizations/demo/clusters/orchid", Labels: map[string]string{"text": "two\nlines"}}},
		{Synced: true},
	} {
		if err := stream.Send(m); err != nil {
			return err
		}
	}
	return c.err
}

const token = "correct-horse-battery-staple"

// inBubble runs a test against the REST handler of a gateway.
func inBubble(t *testing.T, test func(t *testing.T, c *clusters, call func(method, path, body string, header ...string) *httptest.ResponseRecorder)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		c := new(clusters)
		server := rpc.NewServer(rpc.ServerOptions{Authenticate: rpc.TokenAuthenticator(map[string]rpc.Principal{token: {Name: "admin"}})})
		clusterv1.RegisterClusterServiceServer(server, c)
		ctx, cancel := context.WithCancel(t.Context())
		handler, err := rest.Handler(ctx, server.Loopback())
		require.NoError(t, err)
		defer func() {
			cancel()
			server.Close()
		}()
		test(t, c, func(method, path, body string, header ...string) *httptest.ResponseRecorder {
			r := httptest.NewRequestWithContext(ctx, method, path, strings.NewReader(body))
			r.Header.Set("Authorization", "Bearer "+token)
			for i := 0; i+1 < len(header); i += 2 {
				r.Header.Set(header[i], header[i+1])
			}
			answer := httptest.NewRecorder()
			handler.ServeHTTP(answer, r)
			return answer
		})
	})
}

const orchid = "/v1/organizations/demo/clusters/orchid"

func TestAWatchSendsServerSentEventsOnRequest(t *testing.T) {
	t.Parallel()
	inBubble(t, func(t *testing.T, _ *clusters, call func(string, string, string, ...string) *httptest.ResponseRecorder) {
		answer := call(http.MethodGet, "/v1/organizations/demo/clusters:watch", "", "Accept", "text/event-stream")
		require.Equal(t, http.StatusOK, answer.Code, answer.Body.String())
		require.Equal(t, "text/event-stream", answer.Header().Get("Content-Type"))
		events := strings.Split(strings.TrimSuffix(answer.Body.String(), "\n\n"), "\n\n")
		require.Len(t, events, 2)
		for _, event := range events {
			require.NotContains(t, event, "\n", "an event has one line")
			require.True(t, strings.HasPrefix(event, "data: {"), event)
			require.True(t, json.Valid([]byte(strings.TrimPrefix(event, "data: "))), event)
		}
		require.Contains(t, events[0], `two\nlines`)
		require.Contains(t, events[1], `"synced"`)
	})
}

func TestAWatchSendsJSONLinesByDefault(t *testing.T) {
	t.Parallel()
	inBubble(t, func(t *testing.T, _ *clusters, call func(string, string, string, ...string) *httptest.ResponseRecorder) {
		answer := call(http.MethodGet, "/v1/organizations/demo/clusters:watch", "")
		lines := strings.Split(strings.TrimSpace(answer.Body.String()), "\n")
		require.Len(t, lines, 2)
		for _, line := range lines {
			require.True(t, json.Valid([]byte(line)), line)
		}
	})
}

func TestARefusalHasAMessageAndARemedy(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		err    error
		status int
		body   string
	}{
		"a bad request names every field": {
			fault.InvalidFields(fault.Field{Path: "spec.region", Message: "is not a region"}, fault.Field{Path: "spec.account", Message: "is unknown"}),
			http.StatusBadRequest, `{"error": {"code": "InvalidArgument",
				"message": "the request is not valid: spec.region: is not a region; spec.account: is unknown",
				"remedy": "Correct the named fields and send the request again. Nothing was changed.",
				"fields": [{"field": "spec.region", "message": "is not a region"}, {"field": "spec.account", "message": "is unknown"}],
				"fault": {"class": "CONFIGURATION", "message": "the request is not valid", "actor": "USER",
					"remedy": "Correct the named fields and send the request again. Nothing was changed."}}}`},
		"a missing resource": {fault.NotFoundf("cluster %q does not exist", "orchid"), http.StatusNotFound,
			`{"error": {"code": "NotFound", "message": "cluster \"orchid\" does not exist", "remedy": "Check the name: a list of the collection shows the existing names.",
				"fault": {"class": "CONFIGURATION", "message": "cluster \"orchid\" does not exist", "actor": "USER", "remedy": "Check the name: a list of the collection shows the existing names."}}}`},
		"an internal error hides its cause": {errors.New("dial tcp 10.1.2.3:4222: refused"), http.StatusInternalServerError,
			`{"error": {"code": "Internal", "message": "internal error", "remedy": "Try again. If the error persists, ask the operator to check the log.",
				"fault": {"class": "TRANSIENT", "message": "internal error", "actor": "NONE", "remedy": "Try again. If the error persists, ask the operator to check the log."}}}`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			inBubble(t, func(t *testing.T, c *clusters, call func(string, string, string, ...string) *httptest.ResponseRecorder) {
				c.err = test.err
				answer := call(http.MethodGet, orchid, "")
				require.Equal(t, test.status, answer.Code)
				require.Equal(t, "application/json", answer.Header().Get("Content-Type"))
				require.JSONEq(t, test.body, answer.Body.String())
			})
		})
	}
}

func TestARequestWithoutAValidTokenIsUnauthorized(t *testing.T) {
	t.Parallel()
	inBubble(t, func(t *testing.T, _ *clusters, call func(string, string, string, ...string) *httptest.ResponseRecorder) {
		require.Equal(t, http.StatusOK, call(http.MethodGet, orchid, "").Code)
		answer := call(http.MethodGet, orchid, "", "Authorization", "Bearer wrong")
		require.Equal(t, http.StatusUnauthorized, answer.Code)
		require.Equal(t, "Bearer", answer.Header().Get("WWW-Authenticate"))
		for _, path := range []string{"/healthz", "/openapi.json", "/docs/"} {
			require.Equal(t, http.StatusOK, call(http.MethodGet, path, "", "Authorization", "").Code, path)
		}
	})
}

func TestAMalformedOrTooLargeBodyIsRefused(t *testing.T) {
	t.Parallel()
	const path = "/v1/organizations/demo/clusters?cluster_id=orchid"
	for name, body := range map[string]string{
		"an unknown field":        `{"spec": {"colour": "red"}}`,
		"an unknown nested field": `{"spec": {"network": {"managed": {"cidrs": "10.0.0.0/16"}}}}`,
		"malformed JSON":          `{"spec": `,
		"more than a megabyte":    `{"labels": {"text": "` + strings.Repeat("x", 1<<20) + `"}}`,
		"a value of another type": `{"spec": {"controlPlane": {"selfManaged": {"replicas": "three"}}}}`,
		"an unknown enum value":   `{"spec": {"ingress": {"loadBalancer": "MAGIC"}}}`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			inBubble(t, func(t *testing.T, c *clusters, call func(string, string, string, ...string) *httptest.ResponseRecorder) {
				answer := call(http.MethodPost, path, body)
				require.Equal(t, http.StatusBadRequest, answer.Code, answer.Body.String())
				require.Contains(t, answer.Body.String(), `"error"`)
				require.Nil(t, c.created)
			})
		})
	}
}

func TestAnUnsupportedMethodGetsTheAllowedOnes(t *testing.T) {
	t.Parallel()
	inBubble(t, func(t *testing.T, _ *clusters, call func(string, string, string, ...string) *httptest.ResponseRecorder) {
		for path, allow := range map[string]string{
			"/v1/organizations/demo/clusters": "GET, POST",
			orchid:                            "DELETE, GET, PATCH",
			"/v1/organizations/demo/networks/orchid:plan": "POST",
		} {
			answer := call(http.MethodTrace, path, "")
			require.Equal(t, http.StatusMethodNotAllowed, answer.Code, path)
			require.Equal(t, allow, answer.Header().Get("Allow"), path)
		}
	})
}
