package filter

import (
	"errors"
	"strconv"

	"go.einride.tech/aip/filtering"
	"google.golang.org/genproto/googleapis/api/expr/v1alpha1"
)

// literal is a value in a filter: text, quoted or not, or a number.
type literal struct {
	text  string
	whole *int64
	float *float64
}

// present is the value of field:*, which checks whether the field is set.
const present = "*"

// literalOf returns the value on the right side of a comparison.
func literalOf(e *expr.Expr) (literal, error) {
	if constant := e.GetConstExpr(); constant != nil {
		switch constant.GetConstantKind().(type) {
		case *expr.Constant_Int64Value:
			whole, float := constant.GetInt64Value(), float64(constant.GetInt64Value())
			return literal{text: strconv.FormatInt(whole, 10), whole: &whole, float: &float}, nil
		case *expr.Constant_DoubleValue:
			float := constant.GetDoubleValue()
			return literal{text: strconv.FormatFloat(float, 'g', -1, 64), float: &float}, nil
		case *expr.Constant_StringValue:
			return literal{text: constant.GetStringValue()}, nil
		}
	}
	if segments, err := segmentsOf(e); err == nil {
		return literal{text: joined(segments)}, nil
	}
	// The type of the field decides the meaning of a text; the functions of the grammar only repeat it.
	if call := e.GetCallExpr(); call != nil && len(call.GetArgs()) == 1 {
		if name := call.GetFunction(); name == filtering.FunctionTimestamp || name == filtering.FunctionDuration {
			return literalOf(call.GetArgs()[0])
		}
	}
	return literal{}, errors.New(`the right side is not a single value; write it in quotes, or combine comparisons with OR`)
}

// isNumber reports whether the value was written as a number.
func (l literal) isNumber() bool { return l.float != nil }
