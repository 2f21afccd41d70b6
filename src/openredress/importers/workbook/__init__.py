"""The office's workbook 台账: read, checked whole, compared with the record, then imported row by row."""
