package bench

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
)

// Append adds a figure to a sheet, a file with a line of JSON for each figure: it
// is how a row's own process tells what it measured.
func Append(path string, f Figure) error {
	sheet, err := os.OpenFile(path, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600) //nolint:gosec // Whoever runs the row says where.
	if err != nil {
		return fmt.Errorf("append figure: %w", err)
	}
	encoded, err := json.Marshal(f)
	if err == nil {
		_, err = sheet.Write(append(encoded, '\n'))
	}
	if err := errors.Join(err, sheet.Close()); err != nil {
		return fmt.Errorf("append figure: %w", err)
	}
	return nil
}

// ReadSheet reads the figures of a sheet. One that is not there has none.
func ReadSheet(path string) ([]Figure, error) {
	sheet, err := os.Open(path) //nolint:gosec // Whoever runs the row says where.
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read figures: %w", err)
	}
	defer func() { _ = sheet.Close() }()
	var figures []Figure
	for decoder := json.NewDecoder(sheet); ; {
		var f Figure
		err := decoder.Decode(&f)
		if errors.Is(err, io.EOF) {
			return figures, nil
		}
		if err != nil {
			return figures, fmt.Errorf("read figures: %w", err)
		}
		figures = append(figures, f)
	}
}
