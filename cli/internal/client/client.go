// Package client connects the skep command to a server: address, token, TLS, and
// remedies for errors of the connection.
package client

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"strings"

	"google.golang.org/grpc"

	"github.com/skep-dev/skep/libs/platform/fault"
	"github.com/skep-dev/skep/libs/platform/rpc"
)

// Options are the server to call and the credentials of the caller.
type Options struct {
	// Server is the address of the server, `host:port`.
	Server string
	// Token authenticates the caller. If it is empty, TokenFile is read.
	Token string
	// TokenFile holds the token. The file may be missing unless Named is set.
	TokenFile string
	// Named means that the user named the token file, so that it must exist.
	Named bool
	// TLS enables TLS. The server certificate must be trusted by CAFile if it is set,
	// otherwise by the system. CAFile alone enables TLS too.
	TLS    bool
	CAFile string
	// OnWarning is called once with the notice of the server, if it sends one.
	OnWarning func(notice string)
	// Dialer replaces TCP, if it is set.
	Dialer func(ctx context.Context, address string) (net.Conn, error)
}

// Dial returns a connection, which connects at the first call. The caller closes it.
func Dial(o Options) (*grpc.ClientConn, error) {
	token, err := o.token()
	if err != nil {
		return nil, err
	}
	server := o.Server
	if o.Dialer != nil {
		server = "passthrough:///" + server
	}
	encryption, err := o.encryption()
	if err != nil {
		return nil, err
	}
	conn, err := rpc.Dial(server, rpc.ClientOptions{Token: token, TLS: encryption, Dialer: o.Dialer, OnWarning: o.OnWarning})
	if err != nil {
		return nil, fault.Preconditionf("Use --tls or --ca-file if the server has TLS; otherwise connect through a tunnel to this machine.", "%s", err)
	}
	return conn, nil
}

// encryption returns the TLS configuration, or nil without TLS.
func (o Options) encryption() (*tls.Config, error) {
	if !o.TLS && o.CAFile == "" {
		return nil, nil
	}
	config := &tls.Config{MinVersion: tls.VersionTLS13}
	if o.CAFile == "" {
		return config, nil
	}
	text, err := os.ReadFile(o.CAFile)
	config.RootCAs = x509.NewCertPool()
	if err == nil && !config.RootCAs.AppendCertsFromPEM(text) {
		err = fmt.Errorf("%s holds no certificate", o.CAFile)
	}
	if err != nil {
		return nil, fault.Preconditionf("Name a file with PEM certificates with --ca-file.", "%s", fmt.Errorf("read certificate authority: %w", err))
	}
	return config, nil
}

// token reads the token. It never generates one: the server accepts only the token that
// it wrote itself.
func (o Options) token() (string, error) {
	if o.Token != "" {
		return strings.TrimSpace(o.Token), nil
	}
	if _, err := os.Stat(o.TokenFile); errors.Is(err, fs.ErrNotExist) && !o.Named {
		return "", nil
	} else if err != nil {
		return "", fault.Preconditionf("Name the token file of the server with --token-file, or set SKEP_TOKEN.", "read token: %s", err)
	}
	token, err := rpc.LocalToken(o.TokenFile)
	if err != nil {
		return "", fault.Preconditionf("Name another file with --token-file, or set SKEP_TOKEN.", "%s", err)
	}
	return token, nil
}

// Explain adds a remedy to an error of a call. Faults of the server have one; errors
// that gRPC creates on the client side do not.
func (o Options) Explain(err error) error {
	f := fault.Of(err)
	switch {
	case f != nil && f.Kind == fault.Unauthenticated:
		explained := *f
		explained.Remedy = "Name the token file of the server with --token-file, or set SKEP_TOKEN. `skep up` writes its token to admin.token in its data directory."
		return &explained
	case err == nil || f.Remedy != "" || errors.Is(err, context.Canceled):
		return err
	case errors.Is(err, context.DeadlineExceeded):
		return fault.Fault{Kind: fault.Unavailable, Class: fault.Transient, Uncertain: f.Uncertain,
			Message: o.Server + " did not answer in time", Remedy: "Try again, or wait longer with --timeout."}.Because(err)
	case f.Kind == fault.Unavailable:
		return fault.Fault{Kind: fault.Unavailable, Class: fault.Transient,
			Message: "no server answers at " + o.Server,
			Remedy:  "Start a server here with `skep up`, or name another with --server or SKEP_SERVER."}.Because(err)
	}
	return err
}
