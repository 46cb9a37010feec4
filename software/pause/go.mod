module kfs.local/software/pause

go 1.26.0
