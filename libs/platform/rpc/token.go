package rpc

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/skep-dev/skep/libs/platform/fault"
)

// tokenSize is the entropy of a token in bytes.
const tokenSize = 32

// LocalToken returns the token in a file, and makes both if there is no file. The
// file is readable by its owner only; one that others can read is an error. Any
// number of processes may ask at once and get the same token.
func LocalToken(path string) (string, error) {
	token, err := readToken(path)
	if !errors.Is(err, fs.ErrNotExist) {
		return token, err
	}
	if err := writeToken(path); err != nil {
		return "", fmt.Errorf("make token: %w", err)
	}
	return readToken(path)
}

func readToken(path string) (string, error) {
	info, err := os.Stat(path)
	if err != nil {
		return "", fmt.Errorf("read token: %w", err)
	}
	if info.Mode().Perm()&0o077 != 0 {
		return "", fmt.Errorf("read token: %s can be read by others: make its mode 0600, and delete it if they may have", path)
	}
	content, err := os.ReadFile(path)
	if err != nil {
		return "", fmt.Errorf("read token: %w", err)
	}
	token := strings.TrimSpace(string(content))
	if token == "" {
		return "", fmt.Errorf("read token: %s is empty: delete it", path)
	}
	return token, nil
}

// writeToken makes a token under another name and links it to its own, so that
// nobody ever reads half a token and the first of two writers wins.
func writeToken(path string) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	draft, err := os.CreateTemp(filepath.Dir(path), ".token-*") // CreateTemp makes it 0600.
	if err != nil {
		return err
	}
	defer func() { _ = os.Remove(draft.Name()) }()
	secret := make([]byte, tokenSize)
	_, _ = rand.Read(secret) // It never fails, by its documentation.
	_, err = draft.WriteString(base64.RawURLEncoding.EncodeToString(secret) + "\n")
	if err := errors.Join(err, draft.Sync(), draft.Close()); err != nil {
		return err
	}
	if err := os.Link(draft.Name(), path); !errors.Is(err, fs.ErrExist) {
		return err
	}
	return nil
}

// TokenAuthenticator authenticates by fixed tokens. It takes as long for any
// token, and keeps none of them.
func TokenAuthenticator(tokens map[string]Principal) func(context.Context, string) (context.Context, error) {
	type known struct {
		digest    [sha256.Size]byte
		principal Principal
	}
	var all []known
	for token, principal := range tokens {
		if token != "" {
			all = append(all, known{sha256.Sum256([]byte(token)), principal})
		}
	}
	return func(ctx context.Context, token string) (context.Context, error) {
		if token == "" {
			return nil, fault.Unauthenticatedf("the call has no token")
		}
		digest, found := sha256.Sum256([]byte(token)), -1
		for i := range all {
			if subtle.ConstantTimeCompare(all[i].digest[:], digest[:]) == 1 {
				found = i
			}
		}
		if found < 0 {
			return nil, fault.Unauthenticatedf("the token is not known")
		}
		return WithCaller(ctx, all[found].principal), nil
	}
}
