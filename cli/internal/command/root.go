package command

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/skep-dev/skep/cli/internal/objecttype"
	"github.com/skep-dev/skep/cli/internal/output"
)

// init keeps the commands of help in the order in which they are needed.
func init() { cobra.EnableCommandSorting = false }

const about = `Create, change, explain and remove Kubernetes clusters on AWS.

  skep cluster plan orchid -f examples/quickstart.yaml      what would be done
  skep cluster create orchid -f examples/quickstart.yaml --wait
  skep cluster watch orchid                                 look at it happen
  skep cluster kubeconfig orchid --file orchid.kubeconfig
  skep cluster delete orchid --wait`

// root is the whole command.
func (s *settings) root(more []*cobra.Command) *cobra.Command {
	root := group("skep", "Kubernetes clusters on AWS")
	root.Long = about
	root.SilenceUsage, root.SilenceErrors = true, true
	root.PersistentPreRunE = func(cmd *cobra.Command, _ []string) error {
		if err := cmd.ValidateRequiredFlags(); err != nil {
			return err
		}
		s.understood = true
		return nil
	}
	s.bind(root.PersistentFlags())
	_ = root.RegisterFlagCompletionFunc("output", cobra.FixedCompletions(output.Formats, cobra.ShellCompDirectiveNoFileComp))
	_ = root.RegisterFlagCompletionFunc("organization", s.completeOrganizations)

	var nouns []*cobra.Command
	for _, n := range objecttype.All {
		nouns = append(nouns, s.nounCommand(n))
	}
	section(root, "Clusters:", s.clusterCommand())
	section(root, "What clusters are made of and stand on:", nouns...)
	section(root, "The suite itself:", append([]*cobra.Command{s.budgetCommand()}, more...)...)
	section(root, "This command:", s.versionCommand())
	root.SetHelpCommandGroupID("This command:")
	root.SetCompletionCommandGroupID("This command:")
	return root
}

// section adds commands under a heading of the help, in their order.
func section(to *cobra.Command, title string, commands ...*cobra.Command) {
	if len(commands) > 0 {
		to.AddGroup(&cobra.Group{ID: title, Title: title})
	}
	for _, cmd := range commands {
		cmd.GroupID = title
		to.AddCommand(cmd)
	}
}

// group is a command that is nothing but the ones below it. Without a word it
// says what they are; a wrong word is an error.
func group(use, short string, commands ...*cobra.Command) *cobra.Command {
	cmd := &cobra.Command{
		Use: use, Short: short,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				return nil
			}
			for _, near := range cmd.SuggestionsFor(args[0]) {
				return fmt.Errorf("%s has no command %q; is %s meant?", cmd.CommandPath(), args[0], near)
			}
			return fmt.Errorf("%s has no command %q", cmd.CommandPath(), args[0])
		},
		RunE:                       func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
		SuggestionsMinimumDistance: 2,
	}
	cmd.AddCommand(commands...)
	return cmd
}

// one says that a command takes one name.
func one(what string) cobra.PositionalArgs {
	return func(_ *cobra.Command, args []string) error {
		switch len(args) {
		case 0:
			return fmt.Errorf("the name of the %s is missing", what)
		case 1:
			return nil
		}
		return fmt.Errorf("one name of a %s is enough; there are %d", what, len(args))
	}
}
