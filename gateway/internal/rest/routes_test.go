package rest_test

import (
	"context"
	"encoding/json"
	"errors"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"google.golang.org/grpc"

	"github.com/skep-dev/skep/gateway/internal/rest"
	skep "github.com/skep-dev/skep/proto"
)

// recorder records the gRPC methods that a handler calls, and fails each call.
type recorder struct{ methods []string }

var errRecorded = errors.New("recorded")

func (r *recorder) Invoke(_ context.Context, method string, _, _ any, _ ...grpc.CallOption) error {
	r.methods = append(r.methods, method)
	return errRecorded
}

func (r *recorder) NewStream(_ context.Context, _ *grpc.StreamDesc, method string, _ ...grpc.CallOption) (grpc.ClientStream, error) {
	r.methods = append(r.methods, method)
	return nil, errRecorded
}

// The description covers every service with google.api.http annotations, also one that
// this process does not link.
func TestEveryOperationCallsItsMethod(t *testing.T) {
	t.Parallel()
	var description struct {
		Paths map[string]map[string]struct{ OperationID string }
	}
	require.NoError(t, json.Unmarshal(skep.OpenAPI, &description))
	require.NotEmpty(t, description.Paths)

	calls := new(recorder)
	handler, err := rest.Handler(t.Context(), calls)
	require.NoError(t, err)
	parameter := regexp.MustCompile(`\{[^}]*\}`)
	for path, operations := range description.Paths {
		for method, operation := range operations {
			calls.methods = nil
			request := httptest.NewRequestWithContext(t.Context(), strings.ToUpper(method), parameter.ReplaceAllString(path, "demo"), strings.NewReader("{}"))
			answer := httptest.NewRecorder()
			handler.ServeHTTP(answer, request)
			require.Len(t, calls.methods, 1, "%s %s calls no method, but answers %s", method, path, answer.Body)
			// The id is `ClusterService_GetCluster`; a method with several paths has a number at
			// the end of all but the first.
			service, name, _ := strings.Cut(strings.TrimRight(operation.OperationID, "0123456789"), "_")
			require.Regexp(t, `^/skep\.[a-z]+\.v1\.`+service+"/"+name+"$", calls.methods[0], "%s %s", method, path)
		}
	}
}
