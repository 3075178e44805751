package bench_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/skep-dev/skep/test/bench"
	"github.com/skep-dev/skep/test/clustertest"
)

// TestREST measures a REST call against a plain net/http server that encodes a JSON document
// of the same size, the minimum work of a JSON API.
func TestREST(t *testing.T) {
	inRealTime(t)
	dir := t.TempDir()
	stock(t, filepath.Join(dir, "nats"), 1)
	suite := openSuite(t, dir)
	for _, path := range []string{clustertest.Account, copied(0)} {
		skep := caller{url: "http://" + suite.REST + "/v1/" + path, token: suite.Token, client: new(http.Client)}
		answer, err := skep.get(t.Context())
		require.NoError(t, err)
		plain := caller{url: serveJSON(t, answer), client: new(http.Client)}
		result := comparison{
			limit:   func() error { _, err := plain.get(t.Context()); return err },
			subject: func() error { _, err := skep.get(t.Context()); return err },
		}.measure(t)
		note(t, bench.Figure{Name: fmt.Sprintf("GET /v1/%s ÷ net/http JSON echo of the same %d bytes", path, len(answer)), Value: result.Ratio,
			Limit: bench.Limit(1), Target: bench.AtMost(1.9), Peer: "about 3 (grpc-gateway over a TCP hop ÷ bare gRPC)", Detail: result.String()})
	}
	writeHeap(t)
}

// caller requests one URL repeatedly.
type caller struct {
	url, token string
	client     *http.Client
}

func (c caller) get(ctx context.Context) ([]byte, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, c.url, nil)
	if err != nil {
		return nil, err
	}
	if c.token != "" {
		request.Header.Set("Authorization", "Bearer "+c.token)
	}
	response, err := c.client.Do(request)
	if err != nil {
		return nil, err
	}
	defer func() { _ = response.Body.Close() }()
	body, err := io.ReadAll(response.Body)
	if err == nil && response.StatusCode != http.StatusOK {
		err = fmt.Errorf("%s: %s", response.Status, body)
	}
	return body, err
}

// serveJSON serves a document with net/http and encoding/json only, and encodes it for every
// request.
func serveJSON(t *testing.T, document []byte) string {
	t.Helper()
	var content any
	require.NoError(t, json.Unmarshal(document, &content))
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(content)
	}))
	t.Cleanup(server.Close)
	return server.URL
}
