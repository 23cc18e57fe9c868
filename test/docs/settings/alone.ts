//// block
