package command

import (
	"encoding/json"
	"fmt"
	"runtime"
	"runtime/debug"

	"github.com/spf13/cobra"
	"sigs.k8s.io/yaml"

	"github.com/skep-dev/skep/cli/internal/output"
)

// Version is the released version; the linker sets it.
var Version = "development"

// versionCommand is `skep version`.
func (s *settings) versionCommand() *cobra.Command {
	return &cobra.Command{
		Use: "version", Short: "Show the version", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			about := map[string]string{"version": Version, "commit": commit(), "go": runtime.Version(), "platform": runtime.GOOS + "/" + runtime.GOARCH}
			switch s.output {
			case output.JSON:
				encoder := json.NewEncoder(cmd.OutOrStdout())
				encoder.SetIndent("", "  ")
				return encoder.Encode(about)
			case output.YAML:
				text, err := yaml.Marshal(about)
				if err != nil {
					return err
				}
				_, err = cmd.OutOrStdout().Write(text)
				return err
			}
			_, err := fmt.Fprintf(cmd.OutOrStdout(), "skep %s (%s, %s, %s)\n", about["version"], about["commit"], about["go"], about["platform"])
			return err
		},
	}
}

// commit returns the commit of the build, if the build recorded it.
func commit() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "unknown"
	}
	for _, setting := range info.Settings {
		if setting.Key == "vcs.revision" {
			return setting.Value
		}
	}
	return "unknown commit"
}
