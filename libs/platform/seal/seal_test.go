package seal_test

import (
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/skep-dev/skep/libs/engine/service"
	"github.com/skep-dev/skep/libs/platform/seal"
)

var _ service.Sealer = (*seal.Key)(nil)

func open(t *testing.T) *seal.Key {
	t.Helper()
	key, err := seal.Open(filepath.Join(t.TempDir(), "seal.key"))
	require.NoError(t, err)
	return key
}

func TestASealedSecretOpensInItsContext(t *testing.T) {
	t.Parallel()
	key := open(t)
	for _, secret := range []string{"", "the key of a certificate authority"} {
		sealed, err := key.Seal([]byte(secret), "orchid/kubernetes")
		require.NoError(t, err)
		if secret != "" {
			require.NotContains(t, string(sealed), secret)
		}
		opened, err := key.Open(sealed, "orchid/kubernetes")
		require.NoError(t, err)
		require.Equal(t, secret, string(opened))
	}
}

func TestASealedSecretDoesNotOpenOtherwise(t *testing.T) {
	t.Parallel()
	key := open(t)
	sealed, err := key.Seal([]byte("secret"), "orchid/kubernetes")
	require.NoError(t, err)
	for name, try := range map[string]func() error{
		"in another context":                   func() error { _, err := key.Open(sealed, "tulip/kubernetes"); return err },
		"in a part of its context":             func() error { _, err := key.Open(sealed, "orchid"); return err },
		"in a context that ends in the secret": func() error { _, err := key.Open(sealed, "orchid/kubernetessecret"); return err },
		"without a context":                    func() error { _, err := key.Open(sealed, ""); return err },
		"with another key":                     func() error { _, err := open(t).Open(sealed, "orchid/kubernetes"); return err },
		"with its end cut off":                 func() error { _, err := key.Open(sealed[:len(sealed)-1], "orchid/kubernetes"); return err },
		"without sealed bytes":                 func() error { _, err := key.Open(nil, "orchid/kubernetes"); return err },
		"with one bit changed in the text":     func() error { _, err := key.Open(flip(sealed), "orchid/kubernetes"); return err },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			require.Error(t, try())
		})
	}
	_, err = key.Open(sealed, "tulip/kubernetes")
	require.ErrorIs(t, err, seal.ErrContext)
}

func flip(sealed []byte) []byte {
	flipped := append([]byte(nil), sealed...)
	flipped[len(flipped)-1] ^= 1
	return flipped
}

func TestConcurrentProcessesGetTheSameKey(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "state", "seal.key")
	const processes = 8
	keys := make([]*seal.Key, processes)
	var all sync.WaitGroup
	for i := range processes {
		all.Go(func() {
			key, err := seal.Open(path)
			if err == nil {
				keys[i] = key
			}
		})
	}
	all.Wait()
	require.NotNil(t, keys[0])
	sealed, err := keys[0].Seal([]byte("secret"), "orchid")
	require.NoError(t, err)
	for _, key := range keys {
		require.NotNil(t, key)
		_, err := key.Open(sealed, "orchid")
		require.NoError(t, err, "all processes have the same key")
	}
	info, err := os.Stat(path)
	require.NoError(t, err)
	require.Equal(t, os.FileMode(0o600), info.Mode().Perm())
	left, err := os.ReadDir(filepath.Dir(path))
	require.NoError(t, err)
	require.Len(t, left, 1, "no temporary file is left")
}

func TestAKeyThatOthersCanReadIsRefused(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "seal.key")
	_, err := seal.Open(path)
	require.NoError(t, err)
	require.NoError(t, os.Chmod(path, 0o640))
	_, err = seal.Open(path)
	require.ErrorContains(t, err, "can be read by others")
}

func TestTheErrorDoesNotQuoteAnInvalidKeyFile(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "seal.key")
	require.NoError(t, os.WriteFile(path, []byte("AGE-SECRET-KEY-HALF"), 0o600))
	_, err := seal.Open(path)
	require.ErrorContains(t, err, "does not hold an age identity")
	require.NotContains(t, err.Error(), "HALF")
}
