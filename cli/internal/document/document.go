// Package document reads the YAML or JSON document of a cluster, `{spec: …, labels: …}`.
// It refuses unknown fields instead of dropping them, reports every invalid field by
// its path, and suggests the field that the user probably meant.
package document

import (
	"encoding/json"
	"fmt"
	"io"
	"os"

	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/types/known/fieldmaskpb"
	"sigs.k8s.io/yaml"

	clusterv1 "github.com/skep-dev/skep/proto/gen/go/skep/cluster/v1"

	"github.com/skep-dev/skep/libs/platform/fault"
)

// Document is a cluster as a user declared it.
type Document struct {
	// Cluster holds the fields that a client may write: name, etag, labels and spec.
	// Output-only fields are dropped, so that the output of `get` is a valid document.
	Cluster *clusterv1.Cluster
	// Mask lists those of spec and labels that the document declares. An update replaces
	// each of them as a whole.
	Mask *fieldmaskpb.FieldMask
}

// Parse reads a document. Every error is a fault.
func Parse(text []byte) (Document, error) {
	encoded, err := yaml.YAMLToJSONStrict(text)
	if err != nil {
		return Document{}, unreadable(err)
	}
	var tree any
	if err := json.Unmarshal(encoded, &tree); err != nil {
		return Document{}, unreadable(err)
	}
	root, ok := tree.(map[string]any)
	if !ok || len(root) == 0 {
		return Document{}, fault.Invalidf("the document is empty: its form is {spec: …, labels: …}")
	}
	read := new(clusterv1.Cluster)
	if bad := check(read.ProtoReflect().Descriptor(), root, ""); len(bad) > 0 {
		return Document{}, fault.InvalidFields(bad...)
	}
	if err := protojson.Unmarshal(encoded, read); err != nil {
		return Document{}, unreadable(err)
	}
	d := Document{
		Cluster: &clusterv1.Cluster{Name: read.GetName(), Etag: read.GetEtag(), Labels: read.GetLabels(), Spec: read.GetSpec()},
		Mask:    &fieldmaskpb.FieldMask{},
	}
	for _, part := range []string{"spec", "labels"} {
		if _, declared := root[part]; declared {
			d.Mask.Paths = append(d.Mask.Paths, part)
		}
	}
	return d, nil
}

// Read reads the cluster in a file; the file `-` is the standard input.
func Read(file string) (*clusterv1.Cluster, error) {
	d, err := Open(file, os.Stdin)
	return d.Cluster, err
}

// Open reads the document in a file; the file `-` is stdin.
func Open(file string, stdin io.Reader) (Document, error) {
	text, err := os.ReadFile(file)
	if file == "-" {
		text, err = io.ReadAll(stdin)
	}
	if err != nil {
		return Document{}, fault.Preconditionf("Name an existing file with -f, or - for the standard input.", "%s", fmt.Errorf("read document: %w", err))
	}
	return Parse(text)
}

func unreadable(err error) error {
	return fault.Invalidf("%s", fmt.Errorf("read document: %w", err))
}
