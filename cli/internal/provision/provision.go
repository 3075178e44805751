// Package provision holds `skep provision`, which prepares an external NATS for Skep: it
// creates the streams in the account of every service and the id of the installation.
// `skep up` does the same for its embedded NATS.
package provision

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/spf13/cobra"

	"github.com/skep-dev/skep/libs/platform/bus"
	"github.com/skep-dev/skep/libs/platform/fault"
	"github.com/skep-dev/skep/libs/platform/topology"
)

// timeout bounds the whole command. Three servers that have just started take some
// seconds to elect the leaders of their streams.
const timeout = time.Minute

// installationAccount is the service whose NATS account stores the id of the installation.
const installationAccount = "gateway"

// Command returns `skep provision`.
func Command() *cobra.Command {
	var url string
	var replicas int
	cmd := &cobra.Command{
		Use:   "provision",
		Short: "Create the streams in an external NATS",
		Long: `Create the streams in an external NATS, or update their settings. The command is
idempotent: you can repeat it at any time, also while services run. It changes no
record.

It reads the passwords of the administrators from the same environment variables as
the NATS servers: SKEP_NATS_NETWORK_ADMIN and so on; see deploy/nats/README.md. It
prints the id of the installation:

  export SKEP_INSTALLATION=$(skep provision)`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			ctx, cancel := context.WithTimeout(cmd.Context(), timeout)
			defer cancel()
			server := &server{url: url, password: os.LookupEnv, progress: cmd.ErrOrStderr()}
			installation, err := server.provision(ctx, topology.Suite(), replicas)
			if err != nil {
				return err
			}
			_, err = fmt.Fprintln(cmd.OutOrStdout(), installation)
			return err
		},
	}
	cmd.Flags().StringVar(&url, "nats", nats.DefaultURL, "NATS servers, separated by commas")
	cmd.Flags().IntVar(&replicas, "replicas", 1, "number of servers that store each stream: 1, or 3 with three servers in three zones")
	return cmd
}

// Reach returns a function that connects to the accounts of an external NATS as their
// administrators. password, such as [os.LookupEnv], returns the value of a variable. A
// missing password is a fault.
func Reach(url string, password func(variable string) (string, bool)) (bus.Connect, error) {
	s := &server{url: url, password: password, progress: io.Discard}
	if err := s.check(topology.Suite()); err != nil {
		return nil, err
	}
	return s.connect, nil
}

// server is an external NATS.
type server struct {
	url      string
	password func(variable string) (string, bool)
	progress io.Writer
}

// provision creates the streams of a topology and returns the id of the installation,
// which the first call generates.
func (s *server) provision(ctx context.Context, t topology.Topology, replicas int) (string, error) {
	if replicas != 1 && replicas != 3 && replicas != 5 {
		return "", fault.InvalidFields(fault.Field{Path: "--replicas", Message: fmt.Sprintf("is %d; it must be 1, 3 or 5, since a majority must agree", replicas)})
	}
	if err := s.check(t); err != nil {
		return "", err
	}
	if err := bus.Provision(ctx, s.connect, t, replicas); err != nil {
		return "", explain(err)
	}
	for _, service := range t {
		s.say("%-9s bucket %s, leases, and mirrors of %d buckets", service.Name, service.Bucket, len(service.Reads))
	}
	admin, err := s.connect(installationAccount)
	if err != nil {
		return "", err
	}
	defer admin.Close()
	installation, err := bus.Installation(ctx, admin, replicas)
	if err != nil {
		return "", explain(err)
	}
	if err := bus.RecordInstallation(ctx, s.connect, t, installation); err != nil {
		return "", explain(err)
	}
	s.say("All streams exist, each on %d of the servers. The id of the installation:", replicas)
	return installation, nil
}

// check returns a fault that names every missing password.
func (s *server) check(t topology.Topology) error {
	var missing []fault.Field
	for _, service := range t {
		if _, set := s.password(variable(service.Name)); !set {
			missing = append(missing, fault.Field{Path: variable(service.Name), Message: "is not set"})
		}
	}
	if len(missing) == 0 {
		return nil
	}
	return &fault.Fault{
		Kind: fault.Invalid, Class: fault.Configuration, Fields: missing,
		Message: "passwords of NATS administrators are missing",
		Remedy:  "Set each variable to its value on the NATS servers; see deploy/nats/README.md.",
	}
}

// connect connects to the account of a service as its administrator.
func (s *server) connect(service string) (*nats.Conn, error) {
	password, _ := s.password(variable(service))
	conn, err := nats.Connect(s.url, nats.Name("skep-provision"), nats.UserInfo(topology.Admin(service), password))
	switch {
	case errors.Is(err, nats.ErrAuthorization):
		return nil, fault.Fault{
			Kind: fault.Denied, Class: fault.Auth,
			Message: fmt.Sprintf("%s refuses the login of %s", s.url, topology.Admin(service)),
			Remedy:  fmt.Sprintf("Set %s to its value on the NATS servers, and start them with deploy/nats/accounts.conf.", variable(service)),
		}.Because(err)
	case err != nil:
		return nil, fault.Fault{
			Kind: fault.Unavailable, Class: fault.Transient,
			Message: fmt.Sprintf("%s does not answer: %s", s.url, err),
			Remedy:  "Start the NATS servers, or give their addresses with --nats.",
		}.Because(err)
	}
	return conn, nil
}

func (s *server) say(format string, values ...any) {
	_, _ = fmt.Fprintf(s.progress, format+"\n", values...)
}

// explain turns an error of JetStream into a fault with a remedy.
func explain(err error) error {
	var known *fault.Fault
	if errors.As(err, &known) {
		return known
	}
	if errors.Is(err, context.DeadlineExceeded) {
		return fault.Fault{
			Kind: fault.Unavailable, Class: fault.Transient, Message: err.Error(),
			Remedy: "Check that all NATS servers run and are connected to each other, then provision again: existing streams are kept.",
		}.Because(err)
	}
	return fault.Preconditionf("Check the log of the NATS servers and that at least --replicas servers run, then provision again: existing streams are kept.", "%s", err).Because(err)
}

// variable returns the environment variable with the password of the administrator of a
// service. The NATS servers read the same variable.
func variable(service string) string {
	return strings.TrimPrefix(topology.Environment(topology.Admin(service)), "$")
}
