package admin

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/nats-io/nats.go/jetstream"
	"github.com/spf13/cobra"

	"github.com/skep-dev/skep/cli/internal/output"
	"github.com/skep-dev/skep/libs/platform/audit"
	"github.com/skep-dev/skep/libs/platform/bus"
	"github.com/skep-dev/skep/libs/platform/fault"
	"github.com/skep-dev/skep/libs/platform/topology"
)

// auditCommand is `skep admin audit`.
func (r *reach) auditCommand() *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "audit",
		Short: "Show every change that Skep made in AWS, or was about to make",
		Args:  cobra.NoArgs,
		RunE: r.on(func(ctx context.Context, cmd *cobra.Command, _ []string, admin bus.Connect) error {
			rows := &output.Rows{Columns: []string{"time", "service", "phase", "operation", "resource", "outcome", "request", "id"}, Empty: "Skep has made no changes in AWS."}
			encoder := json.NewEncoder(cmd.OutOrStdout())
			err := each(ctx, admin, func(_ string, js jetstream.JetStream) error {
				return audit.Read(ctx, js, func(page audit.Page) error {
					for _, line := range page.Lines {
						if asJSON {
							if err := encoder.Encode(entry{page.Origin, line}); err != nil {
								return err
							}
							continue
						}
						rows.Add(line.Time.Local().Format(time.DateTime), page.Service, string(line.Phase), line.Operation,
							strings.TrimPrefix(line.Record+"/"+line.Step, "organizations/"), strings.TrimSpace(string(line.Outcome)+" "+line.Code), line.RequestID, line.ID)
					}
					return nil
				})
			})
			if err != nil || asJSON {
				return err
			}
			_, err = rows.WriteTo(cmd.OutOrStdout())
			return err
		}),
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print one JSON object per line, with all fields")
	cmd.AddCommand(r.verifyCommand())
	return cmd
}

// entry is an audit line with its origin.
type entry struct {
	audit.Origin
	audit.Line
}

// verifyCommand is `skep admin audit verify`.
func (r *reach) verifyCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "verify",
		Short: "Check that no audit line is missing or changed",
		Args:  cobra.NoArgs,
		RunE: r.on(func(ctx context.Context, cmd *cobra.Command, _ []string, admin bus.Connect) error {
			broken := 0
			err := each(ctx, admin, func(service string, js jetstream.JetStream) error {
				verdict, err := audit.Verify(ctx, js)
				if err != nil {
					return err
				}
				broken += len(verdict.Broken)
				return report(cmd.OutOrStdout(), service, verdict)
			})
			if err != nil {
				return err
			}
			if broken > 0 {
				return fault.Preconditionf("Find out who had access to the files of NATS or to the password of its administrator.", "the hash chain is broken at %d audit pages", broken)
			}
			return nil
		}),
	}
}

func report(w io.Writer, service string, v audit.Verdict) error {
	_, err := fmt.Fprintf(w, "%-9s %d lines in %d pages of %d sessions; %d calls without an answer\n", service, v.Lines, v.Pages, v.Sessions, v.Open)
	for _, problem := range v.Broken {
		if err == nil {
			_, err = fmt.Fprintf(w, "          %s\n", problem)
		}
	}
	return err
}

// each calls do with the NATS account of every service.
func each(ctx context.Context, admin bus.Connect, do func(service string, js jetstream.JetStream) error) error {
	for _, service := range topology.Suite() {
		if err := within(admin, service.Name, do); err != nil {
			return fmt.Errorf("%s: %w", service.Name, err)
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
	}
	return nil
}

func within(admin bus.Connect, service string, do func(service string, js jetstream.JetStream) error) error {
	nc, err := admin(service)
	if err != nil {
		return err
	}
	defer nc.Close()
	js, err := jetstream.New(nc)
	if err != nil {
		return err
	}
	return do(service, js)
}
