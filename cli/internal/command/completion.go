package command

import (
	"context"
	"time"

	"github.com/spf13/cobra"

	"github.com/skep-dev/skep/cli/internal/objecttype"
)

// timeout bounds the wait of a shell for completions.
const timeout = 2 * time.Second

// completeOne completes the name of an object with the names on the server.
func (s *settings) completeOne(t objecttype.ObjectType) cobra.CompletionFunc {
	return func(cmd *cobra.Command, args []string, _ string) ([]cobra.Completion, cobra.ShellCompDirective) {
		if len(args) > 0 {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		return s.completions(cmd, t), cobra.ShellCompDirectiveNoFileComp
	}
}

func (s *settings) completeOrganizations(cmd *cobra.Command, _ []string, _ string) ([]cobra.Completion, cobra.ShellCompDirective) {
	for _, t := range objecttype.All {
		if t.Singular() == "organization" {
			return s.completions(cmd, t), cobra.ShellCompDirectiveNoFileComp
		}
	}
	return nil, cobra.ShellCompDirectiveNoFileComp
}

// completions returns the names of the objects with their states. It returns none after
// an error, since a shell cannot show errors during completion.
func (s *settings) completions(cmd *cobra.Command, t objecttype.ObjectType) []cobra.Completion {
	conn, closeConnection, err := s.dial()
	if err != nil {
		return nil
	}
	defer closeConnection()
	ctx, cancel := context.WithTimeout(cmd.Context(), timeout)
	defer cancel()
	_, found, err := t.List(ctx, conn, objecttype.Page{Organization: s.organization})
	if err != nil {
		return nil
	}
	names := make([]cobra.Completion, len(found))
	for i, r := range found {
		names[i] = cobra.CompletionWithDesc(objecttype.ID(r.Name()), r.State())
	}
	return names
}
