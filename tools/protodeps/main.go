// Command protodeps writes the third-party .proto files that Skep's contracts
// import. It prints them from the descriptors linked into this binary, so that
// code generation needs no schema registry and nothing third-party is committed.
//
// Usage: protodeps OUTDIR
package main

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/jhump/protoreflect/v2/protoprint"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"

	_ "buf.build/gen/go/bufbuild/protovalidate/protocolbuffers/go/buf/validate"
	_ "github.com/grpc-ecosystem/grpc-gateway/v2/protoc-gen-openapiv2/options"
	_ "google.golang.org/genproto/googleapis/api/annotations"
	_ "google.golang.org/genproto/googleapis/rpc/errdetails"
)

// roots are the files that Skep's contracts import; what they import follows.
var roots = []string{
	"buf/validate/validate.proto",
	"google/api/annotations.proto",
	"google/api/client.proto",
	"google/api/field_behavior.proto",
	"google/api/resource.proto",
	"google/rpc/error_details.proto",
	"protoc-gen-openapiv2/options/annotations.proto",
}

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: protodeps OUTDIR")
		os.Exit(2)
	}
	if err := write(os.Args[1]); err != nil {
		fmt.Fprintln(os.Stderr, "protodeps:", err)
		os.Exit(1)
	}
}

// write replaces everything below dir with the files that roots reach.
func write(dir string) error {
	files := make(map[string]protoreflect.FileDescriptor)
	for _, root := range roots {
		file, err := protoregistry.GlobalFiles.FindFileByPath(root)
		if err != nil {
			return fmt.Errorf("%s is not linked in: %w", root, err)
		}
		collect(file, files)
	}
	if err := os.RemoveAll(dir); err != nil {
		return err
	}
	var printer protoprint.Printer
	for _, path := range slices.Sorted(maps.Keys(files)) {
		var text strings.Builder
		text.WriteString("// Printed by tools/protodeps. Not committed.\n")
		if err := printer.PrintProtoFile(files[path], &text); err != nil {
			return fmt.Errorf("print %s: %w", path, err)
		}
		target := filepath.Join(dir, filepath.FromSlash(path))
		if err := os.MkdirAll(filepath.Dir(target), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(target, []byte(text.String()), 0o644); err != nil {
			return err
		}
	}
	return nil
}

// collect adds file and everything it imports to files. The well-known types
// are built into buf and left out.
func collect(file protoreflect.FileDescriptor, files map[string]protoreflect.FileDescriptor) {
	if strings.HasPrefix(file.Path(), "google/protobuf/") || files[file.Path()] != nil {
		return
	}
	files[file.Path()] = file
	imports := file.Imports()
	for i := range imports.Len() {
		collect(imports.Get(i).FileDescriptor, files)
	}
}
