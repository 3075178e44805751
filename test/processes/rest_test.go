package processes_test

import (
	"bufio"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
)

// restClient calls the REST API of a suite with a token.
type restClient struct {
	url, token string
	// ctx ends the watches.
	ctx context.Context
}

// The media types of a watch.
const (
	lines  = "application/x-ndjson"
	events = "text/event-stream"
)

func (f restClient) request(ctx context.Context, t *testing.T, method, path, body, accept string) *http.Response {
	t.Helper()
	r, err := http.NewRequestWithContext(ctx, method, f.url+path, strings.NewReader(body))
	require.NoError(t, err)
	if f.token != "" {
		r.Header.Set("Authorization", "Bearer "+f.token)
	}
	if accept != "" {
		r.Header.Set("Accept", accept)
	}
	answer, err := http.DefaultClient.Do(r)
	require.NoError(t, err)
	return answer
}

// call calls the API and returns the status and the body of the answer.
func (f restClient) call(t *testing.T, method, path, body string) (int, string) {
	t.Helper()
	answer := f.request(t.Context(), t, method, path, body, "")
	defer func() { _ = answer.Body.Close() }()
	text, err := io.ReadAll(answer.Body)
	require.NoError(t, err)
	return answer.StatusCode, string(text)
}

// must calls the API, requires the status 200 and decodes the answer.
func must[M proto.Message](t *testing.T, f restClient, method, path, body string, into M) M {
	t.Helper()
	status, text := f.call(t, method, path, body)
	require.Equal(t, http.StatusOK, status, text)
	require.NoError(t, protojson.Unmarshal([]byte(text), into), text)
	return into
}

// until watches a collection until reached returns true for a message, and returns it.
func until[M any, P interface {
	*M
	proto.Message
}](t *testing.T, f restClient, path, accept string, reached func(P) bool) P {
	t.Helper()
	ctx, cancel := context.WithCancel(f.ctx)
	defer cancel()
	answer := f.request(ctx, t, http.MethodGet, path, "", accept)
	defer func() { _ = answer.Body.Close() }()
	require.Equal(t, http.StatusOK, answer.StatusCode)
	messages := bufio.NewScanner(answer.Body)
	messages.Buffer(nil, 1<<20)
	last := ""
	for messages.Scan() {
		text := strings.TrimPrefix(messages.Text(), "data: ")
		if text == "" {
			continue
		}
		last = text
		var frame struct{ Result, Error json.RawMessage }
		require.NoError(t, json.Unmarshal([]byte(text), &frame), text)
		require.Nil(t, frame.Error, text)
		message := P(new(M))
		require.NoError(t, protojson.Unmarshal(frame.Result, message), text)
		if reached(message) {
			return message
		}
	}
	require.Fail(t, "the watch ended before it reached the expected state", "%v\n%s", messages.Err(), last)
	return nil
}
