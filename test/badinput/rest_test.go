// Package badinput_test sends invalid and conflicting requests to the suite over REST and
// gRPC. Each gets one clear error and changes nothing.
package badinput_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/encoding/protojson"

	clusterv1 "github.com/skep-dev/skep/proto/gen/go/skep/cluster/v1"

	"github.com/skep-dev/skep/gateway"
	"github.com/skep-dev/skep/test/clustertest"
)

const (
	clusters = "/v1/organizations/demo/clusters"
	create   = clusters + "?cluster_id=orchid"
	existing = clusters + "/" + clustertest.ClusterID
)

// serveREST serves the REST API within the bubble and returns a function that calls it.
func serveREST(t *testing.T, s *clustertest.Suite) func(method, path, contentType, body string) (int, apiError) {
	t.Helper()
	listener := listen()
	ctx, cancel := context.WithCancel(s.Context)
	ended := make(chan error)
	go func() { ended <- gateway.ServeREST(listener, s.Client(gateway.Name))(ctx) }()
	transport := &http.Transport{DialContext: listener.dial}
	t.Cleanup(func() {
		transport.CloseIdleConnections()
		cancel()
		require.NoError(t, <-ended)
	})
	return func(method, path, contentType, body string) (int, apiError) {
		request, err := http.NewRequestWithContext(ctx, method, "http://skep"+path, strings.NewReader(body))
		require.NoError(t, err)
		if contentType != "" {
			request.Header.Set("Content-Type", contentType)
		}
		answer, err := transport.RoundTrip(request)
		require.NoError(t, err)
		defer func() { require.NoError(t, answer.Body.Close()) }()
		text, err := io.ReadAll(answer.Body)
		require.NoError(t, err)
		var decoded struct{ Error apiError }
		require.NoError(t, json.Unmarshal(text, &decoded), "%s", text)
		return answer.StatusCode, decoded.Error
	}
}

// apiError is the body of an error.
type apiError struct {
	Code, Message, Remedy string
	Fields                []struct{ Field, Message string }
}

func (e apiError) fields() []string {
	var fields []string
	for _, f := range e.Fields {
		fields = append(fields, f.Field)
	}
	return fields
}

// list returns name, uid, generation and labels of every cluster.
func list(t *testing.T, s *clustertest.Suite) []string {
	t.Helper()
	answer, err := s.Clusters.ListClusters(s.Context, &clusterv1.ListClustersRequest{Parent: clustertest.Organization})
	require.NoError(t, err)
	var list []string
	for _, c := range answer.GetClusters() {
		list = append(list, fmt.Sprintf("%s %s %d %v", c.GetName(), c.GetUid(), c.GetGeneration(), c.GetLabels()))
	}
	return list
}

// quickstart returns the quickstart document as JSON, with more fields appended.
func quickstart(t *testing.T, more string) string {
	t.Helper()
	text, err := protojson.Marshal(clustertest.Quickstart(t))
	require.NoError(t, err)
	return strings.TrimSuffix(string(text), "}") + more + "}"
}

func TestAnInvalidRequestIsRefusedAndChangesNothing(t *testing.T) {
	many := make([]string, 65)
	for i := range many {
		many[i] = fmt.Sprintf(`"label-%d": ""`, i)
	}
	cases := map[string]struct {
		method, path, contentType, body string
		status                          int
		code                            string
		fields                          []string
	}{
		"invalid JSON":                     {http.MethodPost, create, "", `{"spec": `, 400, "InvalidArgument", nil},
		"an empty body":                    {http.MethodPost, create, "", ``, 400, "InvalidArgument", []string{"spec"}},
		"a list":                           {http.MethodPost, create, "", `[]`, 400, "InvalidArgument", nil},
		"a form":                           {http.MethodPost, create, "application/x-www-form-urlencoded", `spec=none`, 400, "InvalidArgument", nil},
		"bytes":                            {http.MethodPost, create, "application/octet-stream", "\x00\x01\x02", 400, "InvalidArgument", nil},
		"an unknown field":                 {http.MethodPost, create, "", `{"spec": {"colour": "red"}}`, 400, "InvalidArgument", nil},
		"a duplicate key":                  {http.MethodPost, create, "", quickstart(t, `, "spec": {}`), 400, "InvalidArgument", nil},
		"a duplicate label":                {http.MethodPost, create, "", quickstart(t, `, "labels": {"a": "1", "a": "2"}`), 400, "InvalidArgument", nil},
		"text that is not UTF-8":           {http.MethodPost, create, "", quickstart(t, ", \"labels\": {\"a\": \"\xff\"}"), 400, "InvalidArgument", nil},
		"half a surrogate":                 {http.MethodPost, create, "", quickstart(t, `, "labels": {"a": "\ud800"}`), 400, "InvalidArgument", nil},
		"ten thousand levels":              {http.MethodPost, create, "", strings.Repeat(`{"spec":`, 10_000) + `1` + strings.Repeat(`}`, 10_000), 400, "InvalidArgument", nil},
		"ten thousand levels of a list":    {http.MethodPost, create, "", `{"labels":` + strings.Repeat(`[`, 10_000) + strings.Repeat(`]`, 10_000) + `}`, 400, "InvalidArgument", nil},
		"more than a megabyte":             {http.MethodPost, create, "", quickstart(t, `, "labels": {"a": "`+strings.Repeat("x", 1<<20)+`"}`), 400, "InvalidArgument", nil},
		"too many labels":                  {http.MethodPost, create, "", quickstart(t, `, "labels": {`+strings.Join(many, ",")+`}`), 400, "InvalidArgument", []string{"labels"}},
		"an invalid number":                {http.MethodPost, create, "", `{"spec": {"controlPlane": {"selfManaged": {"replicas": 1e999}}}}`, 400, "InvalidArgument", nil},
		"an invalid name":                  {http.MethodPost, clusters + "?cluster_id=-Orchid-", "", quickstart(t, ""), 400, "InvalidArgument", []string{"clusterId"}},
		"an invalid organization":          {http.MethodPost, "/v1/organizations/%E2%98%83/clusters?cluster_id=orchid", "", quickstart(t, ""), 400, "InvalidArgument", []string{"parent"}},
		"a path that is not UTF-8":         {http.MethodGet, "/v1/organizations/%ff/clusters", "", "", 400, "InvalidArgument", nil},
		"a query that is not UTF-8":        {http.MethodGet, clusters + "?filter=%ff", "", "", 400, "InvalidArgument", nil},
		"a query that is not encoded":      {http.MethodGet, clusters + "?filter=%zz", "", "", 400, "InvalidArgument", nil},
		"an invalid filter":                {http.MethodGet, clusters + "?filter=spec.%3D", "", "", 400, "InvalidArgument", []string{"filter"}},
		"an unknown page token":            {http.MethodGet, clusters + "?page_token=AAAA", "", "", 400, "InvalidArgument", []string{"page_token"}},
		"a negative page size":             {http.MethodGet, clusters + "?page_size=-1", "", "", 400, "InvalidArgument", []string{"pageSize"}},
		"a page size in words":             {http.MethodGet, clusters + "?page_size=many", "", "", 400, "InvalidArgument", nil},
		"a mask with an unknown field":     {http.MethodPatch, existing + "?update_mask=spec.colour", "", quickstart(t, ""), 400, "InvalidArgument", []string{"updateMask"}},
		"a mask with an output-only field": {http.MethodPatch, existing + "?update_mask=status", "", quickstart(t, ""), 400, "InvalidArgument", []string{"updateMask"}},
		"an etag that is not current":      {http.MethodDelete, existing + "?etag=1", "", "", 409, "Aborted", nil},
		"a name in use":                    {http.MethodPost, clusters + "?cluster_id=" + clustertest.ClusterID, "", quickstart(t, ""), 409, "AlreadyExists", nil},
		"an absent cluster":                {http.MethodGet, clusters + "/nowhere", "", "", 404, "NotFound", nil},
		"an unknown path":                  {http.MethodGet, "/v1/hives", "", "", 404, "NotFound", nil},
		"an unsupported method":            {http.MethodPut, clusters, "", "{}", 405, "InvalidArgument", nil},
	}
	clustertest.Run(t, clustertest.Options{}, func(t *testing.T, s *clustertest.Suite) {
		call := serveREST(t, s)
		s.Create(t)
		s.WaitUntil(t, clustertest.IsReady)
		before := list(t, s)
		for name, c := range cases {
			status, refused := call(c.method, c.path, c.contentType, c.body)
			require.Equal(t, c.status, status, "%s: %+v", name, refused)
			require.Equal(t, c.code, refused.Code, "%s: %+v", name, refused)
			require.NotEmpty(t, refused.Message, name)
			require.NotEmpty(t, refused.Remedy, name)
			require.Equal(t, c.fields, refused.fields(), "%s: %+v", name, refused)
		}
		require.Equal(t, before, list(t, s), "a refused request changed a cluster")
	})
}
