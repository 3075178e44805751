package object_test

import (
	"os"
	"testing"

	"github.com/skep-dev/skep/libs/engine/internal/enginetest"
)

func TestMain(m *testing.M) { os.Exit(enginetest.Main(m)) }
