// Package provision holds `skep provision`, which makes an outside NATS ready for
// the suite: the streams in the account of every service, and the id of the
// installation. The embedded NATS of `skep up` needs none of it.
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
)

// patience bounds the whole command: three servers that have just been started
// take some seconds to elect the leaders of their streams.
const patience = time.Minute

// installationAccount is the service in whose account the id of the installation is kept.
const installationAccount = "gateway"

// Command returns `skep provision`.
func Command() *cobra.Command {
	var url string
	var replicas int
	cmd := &cobra.Command{
		Use:   "provision",
		Short: "Make the streams in an outside NATS",
		Long: `Make the streams in an outside NATS, or bring them to the settings wanted. It may
be repeated at any time, also beside running services, and changes no record.

The passwords of the administrators are read from the environment by the names
that the NATS servers themselves read: SKEP_NATS_NETWORK_ADMIN and so on; see
deploy/nats/README.md. The id of the installation goes to the standard output:

  export SKEP_INSTALLATION=$(skep provision)`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			ctx, cancel := context.WithTimeout(cmd.Context(), patience)
			defer cancel()
			server := &server{url: url, password: os.LookupEnv, progress: cmd.ErrOrStderr()}
			installation, err := server.provision(ctx, bus.Suite(), replicas)
			if err != nil {
				return err
			}
			_, err = fmt.Fprintln(cmd.OutOrStdout(), installation)
			return err
		},
	}
	cmd.Flags().StringVar(&url, "nats", nats.DefaultURL, "the NATS servers, separated by commas")
	cmd.Flags().IntVar(&replicas, "replicas", 1, "how many servers keep each stream: 1, or 3 with three servers in three zones")
	return cmd
}

// Reach returns how to connect to the accounts of an outside NATS as their
// administrators, whose passwords a function such as [os.LookupEnv] knows. A
// password that is missing is a fault.
func Reach(url string, password func(variable string) (string, bool)) (bus.Connect, error) {
	s := &server{url: url, password: password, progress: io.Discard}
	if err := s.check(bus.Suite()); err != nil {
		return nil, err
	}
	return s.connect, nil
}

// server is an outside NATS.
type server struct {
	url      string
	password func(variable string) (string, bool)
	progress io.Writer
}

// provision makes the streams of a topology and returns the id of the
// installation, which is made at the first time and stays.
func (s *server) provision(ctx context.Context, t bus.Topology, replicas int) (string, error) {
	if replicas != 1 && replicas != 3 && replicas != 5 {
		return "", fault.InvalidFields(fault.Field{Path: "--replicas", Message: fmt.Sprintf("is %d; it is 1, 3 or 5, since a majority must agree", replicas)})
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
	if err := bus.Own(ctx, s.connect, t, installation); err != nil {
		return "", explain(err)
	}
	s.say("All streams are there, each on %d of the servers. This is the installation:", replicas)
	return installation, nil
}

// check names every password that is missing.
func (s *server) check(t bus.Topology) error {
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
		Remedy:  "Set each to what the NATS servers were started with; see deploy/nats/README.md.",
	}
}

// connect connects to the account of a service as its administrator.
func (s *server) connect(service string) (*nats.Conn, error) {
	password, _ := s.password(variable(service))
	conn, err := nats.Connect(s.url, nats.Name("skep-provision"), nats.UserInfo(bus.Admin(service), password))
	switch {
	case errors.Is(err, nats.ErrAuthorization):
		return nil, fault.Fault{
			Kind: fault.Denied, Class: fault.Auth,
			Message: fmt.Sprintf("%s does not let %s in", s.url, bus.Admin(service)),
			Remedy:  fmt.Sprintf("Set %s to what the NATS servers were started with, and start them with deploy/nats/accounts.conf.", variable(service)),
		}.Because(err)
	case err != nil:
		return nil, fault.Fault{
			Kind: fault.Unavailable, Class: fault.Transient,
			Message: fmt.Sprintf("%s does not answer: %s", s.url, err),
			Remedy:  "Start the NATS servers, or say with --nats where they are.",
		}.Because(err)
	}
	return conn, nil
}

func (s *server) say(format string, values ...any) {
	_, _ = fmt.Fprintf(s.progress, format+"\n", values...)
}

// explain makes a fault of what JetStream answers.
func explain(err error) error {
	var known *fault.Fault
	if errors.As(err, &known) {
		return known
	}
	if errors.Is(err, context.DeadlineExceeded) {
		return fault.Fault{
			Kind: fault.Unavailable, Class: fault.Transient, Message: err.Error(),
			Remedy: "See that all NATS servers are up and know one another, and provision again: what is there stays.",
		}.Because(err)
	}
	return fault.Preconditionf("See the log of the NATS servers, and that there are as many as --replicas; then provision again: what is there stays.", "%s", err).Because(err)
}

// variable is where the password of a service's administrator is kept: the NATS
// servers read the same.
func variable(service string) string {
	return strings.TrimPrefix(bus.Environment(bus.Admin(service)), "$")
}
