package bench

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
)

// Append appends a figure to a sheet, a file with one line of JSON per figure. The process of
// a row passes its figures to command bench in a sheet.
func Append(path string, f Figure) error {
	sheet, err := os.OpenFile(path, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600) //nolint:gosec // The path comes from the command line.
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

// ReadSheet returns the figures of a sheet. A sheet that does not exist has none.
func ReadSheet(path string) ([]Figure, error) {
	sheet, err := os.Open(path) //nolint:gosec // The path comes from the command line.
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
