package imports

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// repositoryPath matches a path of the repository in a Markdown page.
var repositoryPath = regexp.MustCompile("`((?:cli|deploy|docs|examples|gateway|libs|proto|services|test|tools)/[A-Za-z0-9_./-]+)`")

// examples are words in the names of files that a page asks the reader to write.
var examples = []string{"static_address", "egress_only"}

func TestDocsNameFilesThatExist(t *testing.T) {
	t.Parallel()
	named := 0
	require.NoError(t, filepath.WalkDir(root, func(page string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() && page != root && strings.HasPrefix(entry.Name(), ".") && entry.Name() != ".." {
			return filepath.SkipDir
		}
		if entry.IsDir() || filepath.Ext(page) != ".md" {
			return nil
		}
		text, err := os.ReadFile(page)
		if err != nil {
			return err
		}
		for _, match := range repositoryPath.FindAllStringSubmatch(string(text), -1) {
			named++
			_, err := os.Stat(filepath.Join(root, match[1]))
			if err != nil && !isExample(match[1]) {
				t.Errorf("%s names %s, which does not exist", page, match[1])
			}
		}
		return nil
	}))
	require.Greater(t, named, 100, "the pages are not read")
}

func isExample(path string) bool {
	for _, word := range examples {
		if strings.Contains(path, word) {
			return true
		}
	}
	return false
}
