package command

import (
	"cmp"
	"io"
	"path/filepath"
	"slices"
	"strings"

	"github.com/charmbracelet/colorprofile"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
	"google.golang.org/grpc"

	clusterv1 "github.com/skep-dev/skep/proto/gen/go/skep/cluster/v1"

	"github.com/skep-dev/skep/cli/internal/client"
	"github.com/skep-dev/skep/cli/internal/objecttype"
	"github.com/skep-dev/skep/cli/internal/output"
)

// settings are the global flags, and what commands need of them.
type settings struct {
	process      Process
	server       string
	organization string
	tokenFile    string
	dataDir      string
	tls          bool
	caFile       string
	output       output.Format
	noColor      bool
	// understood says that words and flags made sense: what goes wrong from then on
	// is not a matter of usage.
	understood bool
}

// env is a variable of the environment.
func (s *settings) env(key string) string {
	for _, variable := range slices.Backward(s.process.Env) {
		if value, ok := strings.CutPrefix(variable, key+"="); ok {
			return value
		}
	}
	return ""
}

// environment is what decides on colours. It has NO_COLOR if the flag is given.
func (s *settings) environment() []string {
	if s.noColor {
		return append(slices.Clone(s.process.Env), "NO_COLOR=1")
	}
	return s.process.Env
}

func (s *settings) bind(flags *pflag.FlagSet) {
	flags.StringVar(&s.server, "server", cmp.Or(s.env("SKEP_SERVER"), "127.0.0.1:9090"), "address of the server (SKEP_SERVER)")
	flags.StringVarP(&s.organization, "organization", "O", cmp.Or(s.env("SKEP_ORGANIZATION"), "demo"), "organization that names belong to (SKEP_ORGANIZATION)")
	flags.StringVar(&s.tokenFile, "token-file", "", "file with the token (default: $SKEP_TOKEN, else admin.token in the data directory)")
	flags.StringVar(&s.dataDir, "data-dir", ".skep", "directory of a server on this machine, for its token")
	flags.BoolVar(&s.tls, "tls", false, "call the server over TLS")
	flags.StringVar(&s.caFile, "ca-file", s.env("SKEP_CA_FILE"), "call it over TLS, and trust the certificates in this file (SKEP_CA_FILE)")
	flags.VarP(&s.output, "output", "o", "how results are shown: table, json, yaml or name")
	flags.BoolVar(&s.noColor, "no-color", false, "no colours (NO_COLOR)")
}

func (s *settings) options() client.Options {
	o := client.Options{Server: s.server, TokenFile: filepath.Join(s.dataDir, "admin.token"), TLS: s.tls, CAFile: s.caFile, Dialer: s.process.Dialer,
		OnWarning: func(notice string) { output.Note(s.process.Err, "Note: "+notice+".") }}
	if s.tokenFile != "" {
		o.TokenFile, o.Named = s.tokenFile, true
	} else {
		o.Token = s.env("SKEP_TOKEN")
	}
	return o
}

func (s *settings) explain(err error) error { return s.options().Explain(err) }

// dial returns a connection to the server; hangUp ends it.
func (s *settings) dial() (conn *grpc.ClientConn, hangUp func(), err error) {
	conn, err = client.Dial(s.options())
	if err != nil {
		return nil, nil, err
	}
	return conn, func() { _ = conn.Close() }, nil
}

// clusters returns a client of clusters; hangUp ends its connection.
func (s *settings) clusters() (clusters clusterv1.ClusterServiceClient, hangUp func(), err error) {
	conn, hangUp, err := s.dial()
	return clusterv1.NewClusterServiceClient(conn), hangUp, err
}

// on is what a command does that works on one cluster, given by its full name.
func (s *settings) on(do func(cmd *cobra.Command, clusters clusterv1.ClusterServiceClient, name string) error) func(*cobra.Command, []string) error {
	return func(cmd *cobra.Command, args []string) error {
		clusters, hangUp, err := s.clusters()
		if err != nil {
			return err
		}
		defer hangUp()
		return do(cmd, clusters, s.cluster(args[0]))
	}
}

// cluster is the full name of a cluster.
func (s *settings) cluster(id string) string { return objecttype.Cluster.Name(s.organization, id) }

// parent is the organization of a cluster by its full name.
func parent(name string) string {
	organization, _, _ := strings.Cut(name, "/clusters/")
	return organization
}

// styled is out, without the colours that it cannot show or nobody wants.
func (s *settings) styled(cmd *cobra.Command) io.Writer {
	return colorprofile.NewWriter(cmd.OutOrStdout(), s.environment())
}
