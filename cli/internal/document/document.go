// Package document reads what people write: a cluster as a YAML or JSON document
// `{spec: …, labels: …}`. It refuses what the API does not know instead of
// dropping it, names every bad field by its path, and says what was meant.
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

// Document is a cluster as somebody declared it.
type Document struct {
	// Cluster has what a client may write: name, etag, labels and spec. What the
	// API only puts out is left out, so that what `get` shows can be given back.
	Cluster *clusterv1.Cluster
	// Mask names the parts that the document declares, each as a whole: what is
	// not in them is to go.
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
		return Document{}, fault.Invalidf("the document declares nothing: it has the form {spec: …, labels: …}")
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

// Read reads the cluster that a file declares; the file `-` is the standard input.
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
		return Document{}, fault.Preconditionf("Name a file that is there with -f, or - for the standard input.", "%s", fmt.Errorf("read document: %w", err))
	}
	return Parse(text)
}

func unreadable(err error) error {
	return fault.Invalidf("%s", fmt.Errorf("read document: %w", err))
}
