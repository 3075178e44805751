package main

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path"
	"strings"
)

// excluded are the directories whose files are generated or come from elsewhere.
var excluded = []string{"proto/gen", "third_party", "testdata", "bin", ".cache"}

// tracked returns the files under paths that Git tracks, or would track, and that
// hold prose.
func tracked(paths []string) ([]string, error) {
	args := append([]string{"ls-files", "-z", "--cached", "--others", "--exclude-standard", "--"}, paths...)
	out, err := exec.Command("git", args...).Output()
	if err != nil {
		return nil, fmt.Errorf("git ls-files: %w", err)
	}
	var files []string
	for name := range bytes.SplitSeq(out, []byte{0}) {
		file := string(name)
		if !holdsProse(file) {
			continue
		}
		// Git lists a file that is deleted in the working tree until the delete is staged.
		if _, err := os.Stat(file); errors.Is(err, fs.ErrNotExist) {
			continue
		}
		files = append(files, file)
	}
	return files, nil
}

// holdsProse reports whether Vale reads the file.
func holdsProse(file string) bool {
	for _, directory := range excluded {
		if strings.HasPrefix(file, directory+"/") || strings.Contains(file, "/"+directory+"/") {
			return false
		}
	}
	switch path.Ext(file) {
	case ".md", ".go", ".proto":
		return true
	}
	return false
}

// hasTexts reports whether users may read strings of the file.
func hasTexts(file string) bool {
	return path.Ext(file) == ".go" && !strings.HasSuffix(file, "_test.go")
}
