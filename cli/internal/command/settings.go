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

// settings holds the global flags and the connections that commands derive from them.
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
	// usageValid means that arguments and flags were valid: later errors are not usage
	// errors.
	usageValid bool
}

// env returns the value of an environment variable, or "".
func (s *settings) env(key string) string {
	for _, variable := range slices.Backward(s.process.Env) {
		if value, ok := strings.CutPrefix(variable, key+"="); ok {
			return value
		}
	}
	return ""
}

// environment returns the environment for the color profile. --no-color adds NO_COLOR.
func (s *settings) environment() []string {
	if s.noColor {
		return append(slices.Clone(s.process.Env), "NO_COLOR=1")
	}
	return s.process.Env
}

func (s *settings) bind(flags *pflag.FlagSet) {
	flags.StringVar(&s.server, "server", cmp.Or(s.env("SKEP_SERVER"), "127.0.0.1:9090"), "address of the server (SKEP_SERVER)")
	flags.StringVarP(&s.organization, "organization", "O", cmp.Or(s.env("SKEP_ORGANIZATION"), "demo"), "organization of the names (SKEP_ORGANIZATION)")
	flags.StringVar(&s.tokenFile, "token-file", "", "file with the token (default: $SKEP_TOKEN, else admin.token in the data directory)")
	flags.StringVar(&s.dataDir, "data-dir", ".skep", "data directory of a local server, for its token")
	flags.BoolVar(&s.tls, "tls", false, "connect with TLS")
	flags.StringVar(&s.caFile, "ca-file", s.env("SKEP_CA_FILE"), "connect with TLS and trust the certificates in this file (SKEP_CA_FILE)")
	flags.VarP(&s.output, "output", "o", "output format: table, json, yaml or name")
	flags.BoolVar(&s.noColor, "no-color", false, "disable colors (NO_COLOR)")
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

// dial returns a connection to the server. The caller calls closeConnection.
func (s *settings) dial() (conn *grpc.ClientConn, closeConnection func(), err error) {
	conn, err = client.Dial(s.options())
	if err != nil {
		return nil, nil, err
	}
	return conn, func() { _ = conn.Close() }, nil
}

// clusters returns a client for clusters. The caller calls closeConnection.
func (s *settings) clusters() (clusters clusterv1.ClusterServiceClient, closeConnection func(), err error) {
	conn, closeConnection, err := s.dial()
	return clusterv1.NewClusterServiceClient(conn), closeConnection, err
}

// on returns a command function that connects and calls do with the full name of one cluster.
func (s *settings) on(do func(cmd *cobra.Command, clusters clusterv1.ClusterServiceClient, name string) error) func(*cobra.Command, []string) error {
	return func(cmd *cobra.Command, args []string) error {
		clusters, closeConnection, err := s.clusters()
		if err != nil {
			return err
		}
		defer closeConnection()
		return do(cmd, clusters, s.cluster(args[0]))
	}
}

// cluster returns the full name of a cluster.
func (s *settings) cluster(id string) string { return objecttype.Cluster.Name(s.organization, id) }

// parent returns the organization in the full name of a cluster.
func parent(name string) string {
	organization, _, _ := strings.Cut(name, "/clusters/")
	return organization
}

// styled returns the standard output, without colors that the terminal or the user excludes.
func (s *settings) styled(cmd *cobra.Command) io.Writer {
	return colorprofile.NewWriter(cmd.OutOrStdout(), s.environment())
}
