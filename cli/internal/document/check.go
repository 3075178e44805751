package document

import (
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/agnivade/levenshtein"
	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/skep-dev/skep/libs/platform/fault"
)

// wellKnown is the package of the messages that are not objects in JSON. protojson checks them.
const wellKnown = "google.protobuf."

// check returns all fields of object that do not fit the message.
func check(message protoreflect.MessageDescriptor, object map[string]any, path string) []fault.Field {
	var bad []fault.Field
	for _, key := range slices.Sorted(maps.Keys(object)) {
		at := join(path, key)
		field := message.Fields().ByJSONName(key)
		if field == nil {
			bad = append(bad, fault.Field{Path: at, Message: unknown(message, key)})
			continue
		}
		bad = append(bad, checkField(field, object[key], at)...)
	}
	return bad
}

func checkField(field protoreflect.FieldDescriptor, value any, path string) []fault.Field {
	if value == nil {
		return nil // protojson treats null as not set.
	}
	switch {
	case field.IsMap():
		object, ok := value.(map[string]any)
		if !ok {
			return wrong(path, "is not a map of names to values", value)
		}
		var bad []fault.Field
		for _, key := range slices.Sorted(maps.Keys(object)) {
			bad = append(bad, checkValue(field.MapValue(), object[key], join(path, key))...)
		}
		return bad
	case field.IsList():
		list, ok := value.([]any)
		if !ok {
			return wrong(path, "is not a list", value)
		}
		var bad []fault.Field
		for i, element := range list {
			bad = append(bad, checkValue(field, element, path+"["+strconv.Itoa(i)+"]")...)
		}
		return bad
	}
	return checkValue(field, value, path)
}

// checkValue checks one value by the type of its field.
func checkValue(field protoreflect.FieldDescriptor, value any, path string) []fault.Field {
	switch field.Kind() {
	case protoreflect.MessageKind:
		if strings.HasPrefix(string(field.Message().FullName()), wellKnown) {
			return nil
		}
		object, ok := value.(map[string]any)
		if !ok {
			return wrong(path, "is not an object with "+list(names(field.Message())), value)
		}
		return check(field.Message(), object, path)
	case protoreflect.EnumKind:
		if text, ok := value.(string); !ok || field.Enum().Values().ByName(protoreflect.Name(text)) == nil {
			return wrong(path, "is not one of "+list(values(field.Enum())), value)
		}
	case protoreflect.StringKind:
		if _, ok := value.(string); !ok {
			return wrong(path, fmt.Sprintf("is not text: put it in quotes, %q", fmt.Sprint(value)), value)
		}
	case protoreflect.BoolKind:
		if _, ok := value.(bool); !ok {
			return wrong(path, "is not true or false", value)
		}
	case protoreflect.Int32Kind, protoreflect.Int64Kind:
		if !whole(value) {
			return wrong(path, "is not a whole number", value)
		}
	default:
	}
	return nil
}

// whole reports whether a value is a whole number. protojson writes 64-bit numbers as text.
func whole(value any) bool {
	switch value := value.(type) {
	case float64:
		return value == math.Trunc(value)
	case string:
		_, err := strconv.ParseInt(value, 10, 64)
		return err == nil
	}
	return false
}

func wrong(path, what string, value any) []fault.Field {
	written, _ := json.Marshal(value)
	if len(written) > 40 {
		written = append(written[:40], "…"...)
	}
	return []fault.Field{{Path: path, Message: fmt.Sprintf("%s: it is %s", what, written)}}
}

// unknown returns the message for an unknown field, with the field that the user probably meant.
func unknown(message protoreflect.MessageDescriptor, key string) string {
	known := names(message)
	nearest := slices.MinFunc(known, func(a, b string) int { return distance(key, a) - distance(key, b) })
	if distance(key, nearest) <= max(2, len(key)/3) {
		return fmt.Sprintf("is unknown; did you mean %s?", nearest)
	}
	return "is unknown; the fields are " + list(known)
}

func distance(a, b string) int {
	return levenshtein.ComputeDistance(strings.ToLower(strings.ReplaceAll(a, "_", "")), strings.ToLower(b))
}

// names returns the fields that a client may write: all fields of a message without a status.
func names(message protoreflect.MessageDescriptor) []string {
	if message.Fields().ByName("status") != nil {
		return []string{"spec", "labels", "name", "etag"}
	}
	found := make([]string, message.Fields().Len())
	for i := range found {
		found[i] = message.Fields().Get(i).JSONName()
	}
	return found
}

// values returns the values of an enum, without the unspecified one.
func values(enum protoreflect.EnumDescriptor) []string {
	var found []string
	for i := range enum.Values().Len() {
		if value := enum.Values().Get(i); value.Number() != 0 {
			found = append(found, string(value.Name()))
		}
	}
	return found
}

func list(words []string) string {
	if len(words) < 2 {
		return strings.Join(words, "")
	}
	return strings.Join(words[:len(words)-1], ", ") + " and " + words[len(words)-1]
}

func join(path, key string) string {
	switch {
	case path == "":
		return key
	case strings.ContainsAny(key, `. "[]`):
		return fmt.Sprintf("%s[%q]", path, key)
	}
	return path + "." + key
}
