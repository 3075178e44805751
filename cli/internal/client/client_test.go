package client_test

import (
	"context"
	"encoding/pem"
	"errors"
	"net"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
	"google.golang.org/grpc/health/grpc_health_v1"

	"github.com/skep-dev/skep/cli/internal/client"
	"github.com/skep-dev/skep/libs/platform/fault"
	"github.com/skep-dev/skep/libs/platform/rpc"
)

func TestTLSServerIsTrustedByItsCertificate(t *testing.T) {
	t.Parallel()
	web := httptest.NewTLSServer(nil) // For its certificate, which is valid for 127.0.0.1.
	web.Close()
	certificate := filepath.Join(t.TempDir(), "ca.pem")
	require.NoError(t, os.WriteFile(certificate, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: web.Certificate().Raw}), 0o600))
	config := web.TLS.Clone()
	config.NextProtos = nil
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	ctx, stop := context.WithCancel(t.Context())
	stopped := make(chan error, 1)
	go func() { stopped <- rpc.NewServer(rpc.ServerOptions{TLS: config}).ServeListener(listener)(ctx) }()

	for name, c := range map[string]struct {
		options client.Options
		trusted bool
	}{
		"the authority is given":   {client.Options{CAFile: certificate}, true},
		"the authority is unknown": {client.Options{TLS: true}, false},
		"TLS is not enabled":       {client.Options{}, false},
	} {
		c.options.Server, c.options.Token = listener.Addr().String(), "secret"
		conn, err := client.Dial(c.options)
		require.NoError(t, err, name)
		_, err = grpc_health_v1.NewHealthClient(conn).Check(t.Context(), &grpc_health_v1.HealthCheckRequest{})
		require.Equal(t, c.trusted, err == nil, "%s: %v", name, err)
		require.NoError(t, conn.Close())
	}
	stop()
	require.NoError(t, <-stopped)
}

func TestDialErrorsHaveARemedy(t *testing.T) {
	t.Parallel()
	empty := filepath.Join(t.TempDir(), "empty")
	require.NoError(t, os.WriteFile(empty, nil, 0o600))
	open := filepath.Join(t.TempDir(), "token")
	require.NoError(t, os.WriteFile(open, []byte("secret"), 0o644))
	for want, o := range map[string]client.Options{
		"is not sent to another machine without TLS": {Server: "skep.example.test:9090", Token: "secret"},
		"can be read by others":                      {Server: "127.0.0.1:9090", TokenFile: open},
		"holds no certificate":                       {Server: "127.0.0.1:9090", CAFile: empty},
		"no such file":                               {Server: "127.0.0.1:9090", TokenFile: "nowhere", Named: true},
	} {
		_, err := client.Dial(o)
		require.ErrorContains(t, err, want)
		require.NotEmpty(t, fault.Of(err).Remedy, want)
	}
}

func TestExplainKeepsFaultsOfTheServer(t *testing.T) {
	t.Parallel()
	o := client.Options{Server: "127.0.0.1:9090"}
	own := fault.NotFoundf("cluster %q does not exist", "orchid")
	require.Equal(t, own, o.Explain(own))
	require.NoError(t, o.Explain(nil))
	require.ErrorIs(t, o.Explain(context.Canceled), context.Canceled)
	for want, err := range map[string]error{
		"no server answers at 127.0.0.1:9090":   &fault.Fault{Kind: fault.Unavailable, Message: "connection refused"},
		"127.0.0.1:9090 did not answer in time": fault.Fault{Kind: fault.Unavailable}.Because(context.DeadlineExceeded),
	} {
		explained := fault.Of(o.Explain(err))
		require.Equal(t, want, explained.Message)
		require.NotEmpty(t, explained.Remedy)
	}
	odd := errors.New("disk full")
	require.ErrorIs(t, o.Explain(odd), odd)
}
