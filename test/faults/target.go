package faults

import (
	"reflect"
	"slices"
	"strings"

	"github.com/skep-dev/skep/libs/aws/session"
	awssim "github.com/skep-dev/skep/libs/sim/aws"
)

// distinctive are the fields that tell two calls about one thing apart.
var distinctive = []string{"DestinationCidrBlock", "PolicyName"}

// targetOf names the thing that a call is about: what it is tagged as if it is
// being created, else whatever it names by id.
func targetOf(call awssim.Call, ledger []awssim.Entry) string {
	said := textsOf(call.Input)
	if resource := said.tag(session.TagResource); resource != "" {
		return spaceless(resource)
	}
	var names []string
	for _, text := range said.all() {
		if e := lookup(ledger, text); e != nil {
			names = append(names, logical(e))
		}
	}
	for _, t := range said {
		if slices.Contains(distinctive, t.field) {
			names = append(names, t.text)
		}
	}
	slices.Sort(names)
	names = slices.Compact(names)
	// Two name a relation. A call about many is about no one in particular.
	if len(names) > 3 {
		return "many"
	}
	return spaceless(strings.Join(names, ","))
}

// logical is what Skep calls a thing.
func logical(e *awssim.Entry) string {
	if resource := e.Tags[session.TagResource]; resource != "" {
		return resource
	}
	return e.Kind
}

// lookup finds the newest thing of an id.
func lookup(ledger []awssim.Entry, id string) *awssim.Entry {
	for i, e := range slices.Backward(ledger) {
		if e.ID == id {
			return &ledger[i]
		}
	}
	return nil
}

// text is one string of an input, and the field that holds it.
type text struct{ field, text string }

// texts are all strings of an input, in the order of its fields.
type texts []text

// all lists the strings.
func (t texts) all() []string {
	all := make([]string, len(t))
	for i, one := range t {
		all[i] = one.text
	}
	return all
}

// tag is the value of a tag.
func (t texts) tag(key string) string {
	for i, one := range t {
		if one.field == "Key" && one.text == key && i+1 < len(t) && t[i+1].field == "Value" {
			return t[i+1].text
		}
	}
	return ""
}

// field is the first string of a field.
func (t texts) field(name string) string {
	for _, one := range t {
		if one.field == name {
			return one.text
		}
	}
	return ""
}

// textsOf collects the strings of an SDK input.
func textsOf(input any) texts {
	var found texts
	collect(reflect.ValueOf(input), "", &found)
	return found
}

func collect(v reflect.Value, field string, found *texts) {
	switch v.Kind() {
	case reflect.Pointer, reflect.Interface:
		if !v.IsNil() {
			collect(v.Elem(), field, found)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() {
				collect(v.Field(i), v.Type().Field(i).Name, found)
			}
		}
	case reflect.Slice:
		for i := range v.Len() {
			collect(v.Index(i), field, found)
		}
	case reflect.String:
		if v.Len() > 0 {
			*found = append(*found, text{field, v.String()})
		}
	default:
		// Numbers and truths name nothing.
	}
}
