package command

import (
	"bufio"
	"fmt"
	"os"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
	"golang.org/x/term"

	"github.com/skep-dev/skep/cli/internal/objecttype"
	"github.com/skep-dev/skep/libs/platform/fault"
)

// consent is the flag of a command that deletes an object.
type consent struct{ yes bool }

func (c *consent) bind(flags *pflag.FlagSet) {
	flags.BoolVarP(&c.yes, "yes", "y", false, "delete without a question")
}

// ask shows the object and prompts the user to type its name. Without a terminal it
// requires --yes.
func (c *consent) ask(cmd *cobra.Command, name string, show func() error) error {
	if c.yes {
		return nil
	}
	in, ok := cmd.InOrStdin().(*os.File)
	if !ok || !term.IsTerminal(int(in.Fd())) {
		return fault.Preconditionf("Confirm with --yes.", "deleting %s needs a confirmation, and the standard input is not a terminal", objecttype.ID(name))
	}
	if err := show(); err != nil {
		return err
	}
	if _, err := fmt.Fprintf(cmd.OutOrStdout(), "\nType %s to delete it: ", objecttype.ID(name)); err != nil {
		return err
	}
	answer, _ := bufio.NewReader(in).ReadString('\n')
	if strings.TrimSpace(answer) != objecttype.ID(name) {
		return fault.Preconditionf("Type the name to confirm, or use --yes.", "%s was not deleted", objecttype.ID(name))
	}
	return nil
}
