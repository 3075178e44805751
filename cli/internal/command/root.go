package command

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/skep-dev/skep/cli/internal/objecttype"
	"github.com/skep-dev/skep/cli/internal/output"
)

// init keeps the commands in the help in the order in which users need them.
func init() { cobra.EnableCommandSorting = false }

const about = `Create, change, explain and delete Kubernetes clusters on AWS.

  skep cluster plan orchid -f examples/quickstart.yaml      show the planned actions
  skep cluster create orchid -f examples/quickstart.yaml --wait
  skep cluster watch orchid                                 show the progress
  skep cluster kubeconfig orchid --file orchid.kubeconfig
  skep cluster delete orchid --wait`

// root returns the root command.
func (s *settings) root(more []*cobra.Command) *cobra.Command {
	root := group("skep", "Kubernetes clusters on AWS")
	root.Long = about
	root.SilenceUsage, root.SilenceErrors = true, true
	root.PersistentPreRunE = func(cmd *cobra.Command, _ []string) error {
		if err := cmd.ValidateRequiredFlags(); err != nil {
			return err
		}
		s.usageValid = true
		return nil
	}
	s.bind(root.PersistentFlags())
	_ = root.RegisterFlagCompletionFunc("output", cobra.FixedCompletions(output.Formats, cobra.ShellCompDirectiveNoFileComp))
	_ = root.RegisterFlagCompletionFunc("organization", s.completeOrganizations)

	var objectTypes []*cobra.Command
	for _, n := range objecttype.All {
		objectTypes = append(objectTypes, s.objectTypeCommand(n))
	}
	section(root, "Clusters:", s.clusterCommand())
	section(root, "Components of clusters, accounts and organizations:", objectTypes...)
	section(root, "Suite:", append([]*cobra.Command{s.budgetCommand()}, more...)...)
	section(root, "Other:", s.versionCommand())
	root.SetHelpCommandGroupID("Other:")
	root.SetCompletionCommandGroupID("Other:")
	return root
}

// section adds commands under a heading of the help, in the given order.
func section(to *cobra.Command, title string, commands ...*cobra.Command) {
	if len(commands) > 0 {
		to.AddGroup(&cobra.Group{ID: title, Title: title})
	}
	for _, cmd := range commands {
		cmd.GroupID = title
		to.AddCommand(cmd)
	}
}

// group returns a command that only contains subcommands. Without arguments it prints
// its help; an unknown subcommand is an error.
func group(use, short string, commands ...*cobra.Command) *cobra.Command {
	cmd := &cobra.Command{
		Use: use, Short: short,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				return nil
			}
			for _, near := range cmd.SuggestionsFor(args[0]) {
				return fmt.Errorf("%s has no command %q; did you mean %s?", cmd.CommandPath(), args[0], near)
			}
			return fmt.Errorf("%s has no command %q", cmd.CommandPath(), args[0])
		},
		RunE:                       func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
		SuggestionsMinimumDistance: 2,
	}
	cmd.AddCommand(commands...)
	return cmd
}

// one returns the check that a command gets exactly one name.
func one(what string) cobra.PositionalArgs {
	return func(_ *cobra.Command, args []string) error {
		switch len(args) {
		case 0:
			return fmt.Errorf("the name of the %s is missing", what)
		case 1:
			return nil
		}
		return fmt.Errorf("expected one name of a %s, got %d", what, len(args))
	}
}
