// Package client connects the skep command to a server: where it is, who calls,
// and what to say when nobody answers.
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

// Options say which server to call, and as whom.
type Options struct {
	// Server is its address, `host:port`.
	Server string
	// Token proves who calls. If it is empty, TokenFile is read.
	Token string
	// TokenFile holds a token. It may be missing, unless it is Named.
	TokenFile string
	// Named says that somebody asked for this token file and no other.
	Named bool
	// TLS encrypts, with a certificate that the system trusts, or CAFile if it is set.
	TLS    bool
	CAFile string
	// OnWarning is told once what the server wants to be known, if it wants anything.
	OnWarning func(notice string)
	// Dialer connects instead of TCP, if it is set.
	Dialer func(ctx context.Context, address string) (net.Conn, error)
}

// Dial returns a connection, made at the first call. The caller closes it.
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
		return nil, fault.Preconditionf("Give --tls or --ca-file if the server has TLS, or reach it through a tunnel to this machine.", "%s", err)
	}
	return conn, nil
}

// encryption is what TLS is done with, or nil.
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
		return nil, fault.Preconditionf("Name a file of PEM certificates with --ca-file.", "%s", fmt.Errorf("read certificate authority: %w", err))
	}
	return config, nil
}

// token reads the token. Nothing is made: a token that the server did not make
// would be of no use.
func (o Options) token() (string, error) {
	if o.Token != "" {
		return strings.TrimSpace(o.Token), nil
	}
	if _, err := os.Stat(o.TokenFile); errors.Is(err, fs.ErrNotExist) && !o.Named {
		return "", nil
	} else if err != nil {
		return "", fault.Preconditionf("Name the file that the server wrote its token to with --token-file, or put the token in SKEP_TOKEN.", "read token: %s", err)
	}
	token, err := rpc.LocalToken(o.TokenFile)
	if err != nil {
		return "", fault.Preconditionf("Name another file with --token-file, or put the token in SKEP_TOKEN.", "%s", err)
	}
	return token, nil
}

// Explain turns an error of a call into one that says what to do. A fault of the
// server says so itself; what gRPC made up on this side does not.
func (o Options) Explain(err error) error {
	f := fault.Of(err)
	switch {
	case f != nil && f.Kind == fault.Unauthenticated:
		explained := *f
		explained.Remedy = "Name the file with the server's token with --token-file, or put the token in SKEP_TOKEN; `skep up` writes it to admin.token in its data directory."
		return &explained
	case err == nil || f.Remedy != "" || errors.Is(err, context.Canceled):
		return err
	case errors.Is(err, context.DeadlineExceeded):
		return fault.Fault{Kind: fault.Unavailable, Class: fault.Transient, InDoubt: f.InDoubt,
			Message: o.Server + " did not answer in time", Remedy: "Try again, or give it longer with --timeout."}.Because(err)
	case f.Kind == fault.Unavailable:
		return fault.Fault{Kind: fault.Unavailable, Class: fault.Transient,
			Message: "nobody answers at " + o.Server,
			Remedy:  "Start a server here with `skep up`, or name another with --server or SKEP_SERVER."}.Because(err)
	}
	return err
}
