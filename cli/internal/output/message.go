package output

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"

	"go.yaml.in/yaml/v3"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
)

// Message writes a message as JSON or YAML, with the fields in the order of the API.
func Message(w io.Writer, format Format, m proto.Message) error {
	compact, err := Compact(m)
	if err != nil {
		return err
	}
	if format == YAML {
		return writeYAML(w, compact)
	}
	var indented bytes.Buffer
	if err := json.Indent(&indented, compact, "", "  "); err != nil {
		return fmt.Errorf("indent %s: %w", m.ProtoReflect().Descriptor().Name(), err)
	}
	indented.WriteByte('\n')
	_, err = indented.WriteTo(w)
	return err
}

// Compact returns a message as JSON in one line without blanks. The result is
// deterministic; protojson alone inserts blanks at random.
func Compact(m proto.Message) ([]byte, error) {
	random, err := protojson.Marshal(m)
	if err != nil {
		return nil, fmt.Errorf("encode %s: %w", m.ProtoReflect().Descriptor().Name(), err)
	}
	var compact bytes.Buffer
	if err := json.Compact(&compact, random); err != nil {
		return nil, fmt.Errorf("encode %s: %w", m.ProtoReflect().Descriptor().Name(), err)
	}
	return compact.Bytes(), nil
}

// writeYAML writes JSON as YAML in block style. It keeps the order of the fields.
func writeYAML(w io.Writer, text []byte) error {
	var document yaml.Node
	if err := yaml.Unmarshal(text, &document); err != nil {
		return fmt.Errorf("read JSON as YAML: %w", err)
	}
	unstyle(&document)
	encoder := yaml.NewEncoder(w)
	encoder.SetIndent(2)
	if err := encoder.Encode(&document); err != nil {
		return fmt.Errorf("encode YAML: %w", err)
	}
	return encoder.Close()
}

// unstyle lets the encoder choose quotes and brackets. Empty maps and lists keep their
// brackets, and strings keep their tag, so that "1.35" does not become a number.
func unstyle(node *yaml.Node) {
	node.Style = 0
	for _, child := range node.Content {
		unstyle(child)
	}
}

// Next writes one message of a stream: as a line of JSON, a YAML document, or its name.
func Next(w io.Writer, format Format, m proto.Message, name string) error {
	switch format {
	case Name:
		_, err := fmt.Fprintln(w, name)
		return err
	case YAML:
		if _, err := fmt.Fprintln(w, "---"); err != nil {
			return err
		}
		return Message(w, YAML, m)
	default:
		line, err := Compact(m)
		if err != nil {
			return err
		}
		_, err = fmt.Fprintf(w, "%s\n", line)
		return err
	}
}
