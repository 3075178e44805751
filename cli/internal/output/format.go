// Package output writes the results of the skep command: messages of the API as JSON,
// YAML or names, rows as tables, faults with their remedy, and durations.
package output

import "fmt"

// Format is the output format. It implements pflag.Value.
type Format string

// The formats. The zero value leaves the choice to the command.
const (
	// Table is a text table.
	Table Format = "table"
	// JSON is the JSON of the API, indented.
	JSON Format = "json"
	// YAML is the same content as YAML, with the fields in the order of the API.
	YAML Format = "yaml"
	// Name is the full name, one per line.
	Name Format = "name"
)

// Formats are all formats.
var Formats = []string{string(Table), string(JSON), string(YAML), string(Name)}

// String implements pflag.Value.
func (f *Format) String() string { return string(*f) }

// Set implements pflag.Value.
func (f *Format) Set(text string) error {
	switch Format(text) {
	case Table, JSON, YAML, Name:
		*f = Format(text)
		return nil
	}
	return fmt.Errorf("must be table, json, yaml or name")
}

// Type implements pflag.Value.
func (f *Format) Type() string { return "format" }

// Or returns f, or other if f is not set.
func (f Format) Or(other Format) Format {
	if f == "" {
		return other
	}
	return f
}
