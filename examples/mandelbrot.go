// Mandelbrot computes an image on all cores, writes it as PNG (to the file that is named, if one is), reads it back and prints what it
// looks like from afar.
package main

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"math/cmplx"
	"os"
	"sync"
)

const (
	width, height = 480, 320
	limit         = 200
)

func escape(c complex128) int {
	z := c
	for n := range limit {
		if cmplx.Abs(z) > 2 {
			return n
		}
		z = z*z + c
	}
	return limit
}

func shade(n int) color.NRGBA {
	if n == limit {
		return color.NRGBA{A: 255}
	}
	return color.NRGBA{R: uint8(n * 5), G: uint8(n * 3), B: uint8(128 + n), A: 255}
}

func main() {
	img := image.NewNRGBA(image.Rect(0, 0, width, height))
	var wg sync.WaitGroup
	for y := range height {
		wg.Go(func() {
			im := 2.4*float64(y)/height - 1.2
			for x := range width {
				re := 3.6*float64(x)/width - 2.5
				img.SetNRGBA(x, y, shade(escape(complex(re, im))))
			}
		})
	}
	wg.Wait()
	var file bytes.Buffer
	if err := png.Encode(&file, img); err != nil {
		fmt.Fprintln(os.Stderr, "mandelbrot:", err)
		os.Exit(1)
	}
	if len(os.Args) > 1 {
		if err := os.WriteFile(os.Args[1], file.Bytes(), 0o644); err != nil {
			fmt.Fprintln(os.Stderr, "mandelbrot:", err)
			os.Exit(1)
		}
	}
	fmt.Printf("%d bytes, sha256 %x\n", file.Len(), sha256.Sum256(file.Bytes()))
	back, kind, err := image.Decode(&file)
	if err != nil {
		fmt.Fprintln(os.Stderr, "mandelbrot:", err)
		os.Exit(1)
	}
	fmt.Println(kind, back.Bounds())
	for y := 8; y < height; y += 16 {
		line := make([]byte, 0, 60)
		for x := 4; x < width; x += 8 {
			r, _, _, _ := back.At(x, y).RGBA()
			switch r := r >> 8; {
			case r == 0:
				line = append(line, '#')
			case r > 60:
				line = append(line, '+')
			case r > 15:
				line = append(line, '.')
			default:
				line = append(line, ' ')
			}
		}
		fmt.Println(string(bytes.TrimRight(line, " ")))
	}
}
