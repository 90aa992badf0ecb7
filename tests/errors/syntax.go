package p

func f() {
	if x := 1 { // ERROR "cannot use x := 1 as value"
	}
	for i := 0; i < 10 { // ERROR "expected for loop condition|unexpected {, expected semicolon or newline"
	} // ERROR "unexpected }, expected expression"
}

func g( { // ERROR "syntax error: unexpected {, expected \)"
}

var x = 08 // ERROR "invalid digit '8' in octal literal"
