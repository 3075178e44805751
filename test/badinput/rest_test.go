// Package badinput_test sends the suite what it cannot take, over REST and gRPC,
// and what comes at the wrong moment: each is refused with one clear answer, and
// changes nothing.
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
	there    = clusters + "/" + clustertest.ClusterID
)

// face serves REST within the bubble and returns a way to call it.
func face(t *testing.T, s *clustertest.Suite) func(method, path, contentType, body string) (int, refusal) {
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
	return func(method, path, contentType, body string) (int, refusal) {
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
		var told struct{ Error refusal }
		require.NoError(t, json.Unmarshal(text, &told), "%s", text)
		return answer.StatusCode, told.Error
	}
}

// refusal is the body of an error.
type refusal struct {
	Code, Message, Remedy string
	Fields                []struct{ Field, Message string }
}

func (r refusal) fields() []string {
	var fields []string
	for _, f := range r.Fields {
		fields = append(fields, f.Field)
	}
	return fields
}

// list is every cluster by its identity and version of what is declared.
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

// quickstart is the document of the README as JSON, with more in it.
func quickstart(t *testing.T, more string) string {
	t.Helper()
	text, err := protojson.Marshal(clustertest.Quickstart(t))
	require.NoError(t, err)
	return strings.TrimSuffix(string(text), "}") + more + "}"
}

func TestWhatCannotBeTakenIsRefusedAndChangesNothing(t *testing.T) {
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
		"no JSON":                        {http.MethodPost, create, "", `{"spec": `, 400, "InvalidArgument", nil},
		"nothing":                        {http.MethodPost, create, "", ``, 400, "InvalidArgument", []string{"spec"}},
		"a list":                         {http.MethodPost, create, "", `[]`, 400, "InvalidArgument", nil},
		"a form":                         {http.MethodPost, create, "application/x-www-form-urlencoded", `spec=none`, 400, "InvalidArgument", nil},
		"bytes":                          {http.MethodPost, create, "application/octet-stream", "\x00\x01\x02", 400, "InvalidArgument", nil},
		"a field that is not known":      {http.MethodPost, create, "", `{"spec": {"colour": "red"}}`, 400, "InvalidArgument", nil},
		"a key that is there twice":      {http.MethodPost, create, "", quickstart(t, `, "spec": {}`), 400, "InvalidArgument", nil},
		"a label that is there twice":    {http.MethodPost, create, "", quickstart(t, `, "labels": {"a": "1", "a": "2"}`), 400, "InvalidArgument", nil},
		"text that is no UTF-8":          {http.MethodPost, create, "", quickstart(t, ", \"labels\": {\"a\": \"\xff\"}"), 400, "InvalidArgument", nil},
		"half a surrogate":               {http.MethodPost, create, "", quickstart(t, `, "labels": {"a": "\ud800"}`), 400, "InvalidArgument", nil},
		"ten thousand levels":            {http.MethodPost, create, "", strings.Repeat(`{"spec":`, 10_000) + `1` + strings.Repeat(`}`, 10_000), 400, "InvalidArgument", nil},
		"ten thousand levels of a list":  {http.MethodPost, create, "", `{"labels":` + strings.Repeat(`[`, 10_000) + strings.Repeat(`]`, 10_000) + `}`, 400, "InvalidArgument", nil},
		"more than a megabyte":           {http.MethodPost, create, "", quickstart(t, `, "labels": {"a": "`+strings.Repeat("x", 1<<20)+`"}`), 400, "InvalidArgument", nil},
		"more labels than can be kept":   {http.MethodPost, create, "", quickstart(t, `, "labels": {`+strings.Join(many, ",")+`}`), 400, "InvalidArgument", []string{"labels"}},
		"a number that is none":          {http.MethodPost, create, "", `{"spec": {"controlPlane": {"selfManaged": {"replicas": 1e999}}}}`, 400, "InvalidArgument", nil},
		"a name that is none":            {http.MethodPost, clusters + "?cluster_id=-Orchid-", "", quickstart(t, ""), 400, "InvalidArgument", []string{"clusterId"}},
		"an organization that is none":   {http.MethodPost, "/v1/organizations/%E2%98%83/clusters?cluster_id=orchid", "", quickstart(t, ""), 400, "InvalidArgument", []string{"parent"}},
		"a path that is no UTF-8":        {http.MethodGet, "/v1/organizations/%ff/clusters", "", "", 400, "InvalidArgument", nil},
		"a query that is no UTF-8":       {http.MethodGet, clusters + "?filter=%ff", "", "", 400, "InvalidArgument", nil},
		"a query that is not encoded":    {http.MethodGet, clusters + "?filter=%zz", "", "", 400, "InvalidArgument", nil},
		"a filter that is none":          {http.MethodGet, clusters + "?filter=spec.%3D", "", "", 400, "InvalidArgument", []string{"filter"}},
		"a page token of nobody":         {http.MethodGet, clusters + "?page_token=AAAA", "", "", 400, "InvalidArgument", []string{"page_token"}},
		"a page of less than nothing":    {http.MethodGet, clusters + "?page_size=-1", "", "", 400, "InvalidArgument", []string{"pageSize"}},
		"a page size in words":           {http.MethodGet, clusters + "?page_size=many", "", "", 400, "InvalidArgument", nil},
		"a mask of what is not known":    {http.MethodPatch, there + "?update_mask=spec.colour", "", quickstart(t, ""), 400, "InvalidArgument", []string{"updateMask"}},
		"a mask of what is put out only": {http.MethodPatch, there + "?update_mask=status", "", quickstart(t, ""), 400, "InvalidArgument", []string{"updateMask"}},
		"an etag that is not current":    {http.MethodDelete, there + "?etag=1", "", "", 409, "Aborted", nil},
		"a name that is taken":           {http.MethodPost, clusters + "?cluster_id=" + clustertest.ClusterID, "", quickstart(t, ""), 409, "AlreadyExists", nil},
		"what is not there":              {http.MethodGet, clusters + "/nowhere", "", "", 404, "NotFound", nil},
		"a path that is none":            {http.MethodGet, "/v1/hives", "", "", 404, "NotFound", nil},
		"a method that is none":          {http.MethodPut, clusters, "", "{}", 405, "InvalidArgument", nil},
	}
	clustertest.Run(t, clustertest.Options{}, func(t *testing.T, s *clustertest.Suite) {
		call := face(t, s)
		s.Create(t)
		s.WaitUntil(t, clustertest.IsReady)
		before := list(t, s)
		for name, c := range cases {
			status, told := call(c.method, c.path, c.contentType, c.body)
			require.Equal(t, c.status, status, "%s: %+v", name, told)
			require.Equal(t, c.code, told.Code, "%s: %+v", name, told)
			require.NotEmpty(t, told.Message, name)
			require.NotEmpty(t, told.Remedy, name)
			require.Equal(t, c.fields, told.fields(), "%s: %+v", name, told)
		}
		require.Equal(t, before, list(t, s), "nothing was changed")
	})
}
