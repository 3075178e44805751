package command

import (
	"github.com/spf13/cobra"

	"github.com/skep-dev/skep/cli/internal/document"
	"github.com/skep-dev/skep/cli/internal/objecttype"
	"github.com/skep-dev/skep/libs/platform/fault"
)

// source is the flag for the file of a document.
type source struct{ file string }

func (f *source) bind(cmd *cobra.Command) {
	cmd.Flags().StringVarP(&f.file, "file", "f", "", "document in YAML or JSON; - reads the standard input")
	_ = cmd.MarkFlagRequired("file")
	_ = cmd.MarkFlagFilename("file", "yaml", "yml", "json")
}

// read reads the document of a cluster. If the document has a name, it must be the name of the cluster.
func (f *source) read(cmd *cobra.Command, name string) (document.Document, error) {
	d, err := document.Open(f.file, cmd.InOrStdin())
	if err != nil {
		return d, err
	}
	if own := d.Cluster.GetName(); own != "" && own != name {
		return d, fault.InvalidFields(fault.Field{Path: "name", Message: "is " + own + ", but the command names " + objecttype.ID(name) + "; remove the field"})
	}
	return d, nil
}
