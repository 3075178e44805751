package command

import (
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/skep-dev/skep/cli/internal/objecttype"
	"github.com/skep-dev/skep/cli/internal/output"
)

// objectTypeCommand returns the command of one object type, with list, get and delete.
func (s *settings) objectTypeCommand(t objecttype.ObjectType) *cobra.Command {
	cmd := group(t.Singular(), t.Short, s.objectTypeList(t), s.objectTypeGet(t), s.objectTypeDelete(t))
	cmd.Aliases = []string{t.Plural()}
	return cmd
}

func (s *settings) objectTypeList(t objecttype.ObjectType) *cobra.Command {
	var page listing
	cmd := &cobra.Command{
		Use: "list", Aliases: []string{"ls"}, Short: "List " + words(t.Plural()), Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			conn, closeConnection, err := s.dial()
			if err != nil {
				return err
			}
			defer closeConnection()
			all, found, err := t.List(cmd.Context(), conn, page.of(s))
			if err != nil {
				return err
			}
			return show(cmd.OutOrStdout(), s.output, all, names(found), objectRows(t, found...))
		},
	}
	page.bind(cmd.Flags())
	return cmd
}

func (s *settings) objectTypeGet(t objecttype.ObjectType) *cobra.Command {
	return &cobra.Command{
		Use: "get NAME", Short: "Show " + article(words(t.Singular())) + ", by default as YAML", Args: one(words(t.Singular())),
		RunE: func(cmd *cobra.Command, args []string) error {
			conn, closeConnection, err := s.dial()
			if err != nil {
				return err
			}
			defer closeConnection()
			r, err := t.Get(cmd.Context(), conn, t.Name(s.organization, args[0]))
			if err != nil {
				return err
			}
			return show(cmd.OutOrStdout(), s.output.Or(output.YAML), r.Message(), []string{r.Name()}, objectRows(t, r))
		},
		ValidArgsFunction: s.completeOne(t),
	}
}

func (s *settings) objectTypeDelete(t objecttype.ObjectType) *cobra.Command {
	var consent consent
	cmd := &cobra.Command{
		Use: "delete NAME", Short: "Delete " + article(words(t.Singular())) + " and all its AWS resources", Args: one(words(t.Singular())),
		RunE: func(cmd *cobra.Command, args []string) error {
			conn, closeConnection, err := s.dial()
			if err != nil {
				return err
			}
			defer closeConnection()
			name := t.Name(s.organization, args[0])
			err = consent.ask(cmd, name, func() error {
				r, err := t.Get(cmd.Context(), conn, name)
				if err != nil {
					return err
				}
				_, err = objectRows(t, r).WriteTo(cmd.OutOrStdout())
				return err
			})
			if err != nil {
				return err
			}
			r, err := t.Delete(cmd.Context(), conn, name)
			if err != nil {
				return err
			}
			if s.output != "" && s.output != output.Table {
				return show(cmd.OutOrStdout(), s.output, r.Message(), []string{r.Name()}, nil)
			}
			_, err = fmt.Fprintf(cmd.OutOrStdout(), "%s is being deleted.\n", objecttype.ID(name))
			return err
		},
		ValidArgsFunction: s.completeOne(t),
	}
	consent.bind(cmd.Flags())
	return cmd
}

// objectRows returns a table of objects of one type.
func objectRows(t objecttype.ObjectType, found ...objecttype.Object) *output.Rows {
	rows := &output.Rows{Columns: []string{"name", "state", "age", "message"}, Empty: "There are no " + words(t.Plural()) + "."}
	if t.Component() {
		rows.Columns = slices.Insert(rows.Columns, 1, "cluster")
	}
	for _, r := range found {
		cells := []string{objecttype.ID(r.Name()), r.State(), output.Age(r.CreateTime()), r.Why()}
		if t.Component() {
			cells = slices.Insert(cells, 1, objecttype.ID(r.Cluster()))
		}
		rows.Add(cells...)
	}
	return rows
}

// article puts the indefinite article before a word.
func article(word string) string {
	if strings.ContainsRune("aeio", rune(word[0])) {
		return "an " + word
	}
	return "a " + word
}

// words turns `node-pools` into `node pools`.
func words(kebab string) string { return strings.ReplaceAll(kebab, "-", " ") }
